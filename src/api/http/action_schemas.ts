/** The shapes of what can be asked for, and done later. */

import { feature } from "bun:bundle";
import * as v from "valibot";
import type { Action } from "../domain/change.ts";
import { FlagName, Time } from "./basic_schemas.ts";
import { WAVE_PLAN } from "./rollout_schemas.ts";
import { VALUES_ACTIONS, ValuesView } from "./value_schemas.ts";

const PLAIN_ACTIONS = [
  v.strictObject({
    kind: v.literal("switch"),
    flag: FlagName,
    enabled: v.boolean(),
    until: v.optional(v.nullable(Time), null),
  }),
  v.strictObject({
    kind: v.literal("roll_out"),
    flag: FlagName,
    enabled: v.boolean(),
    until: v.optional(v.nullable(Time), null),
    ...WAVE_PLAN,
  }),
  v.strictObject({ kind: v.literal("resume"), flag: FlagName }),
  v.strictObject({ kind: v.literal("give_back"), flag: FlagName }),
  v.strictObject({ kind: v.literal("end_two_persons") }),
] as const;

export const ActionBody: v.GenericSchema<unknown, Action> = feature("PREMIUM_TYPES")
  ? v.variant("kind", [...PLAIN_ACTIONS, ...VALUES_ACTIONS])
  : v.variant("kind", PLAIN_ACTIONS);

interface ValuesEntries {
  readonly values: v.OptionalSchema<typeof ValuesView, undefined>;
}

/** What an entry of a change of values has besides; in a server without PREMIUM_TYPES there is none. */
export const VALUES_VIEW = (
  feature("PREMIUM_TYPES") ? { values: v.optional(ValuesView) } : {}
) as ValuesEntries;

/** The shapes of what can be asked for, and done later. */

import { feature } from "bun:bundle";
import * as v from "valibot";
import { WHOLE_SHARE } from "../../base/shares.ts";
import type { Action } from "../domain/change.ts";
import { EVERY_MS_MAX, EVERY_MS_MIN, WAVE_COUNT_MAX } from "../domain/waves.ts";
import { FlagName, Time } from "./basic_schemas.ts";
import { VALUES_ACTIONS, ValuesView } from "./value_schemas.ts";

/** In hundredths of a percent. */
const Share = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(WHOLE_SHARE));
const Shares = v.pipe(v.array(Share), v.minLength(1), v.maxLength(WAVE_COUNT_MAX));
const EveryMs = v.pipe(v.number(), v.integer(), v.minValue(EVERY_MS_MIN), v.maxValue(EVERY_MS_MAX));
const HealthUrl = v.pipe(v.string(), v.maxLength(512));

export const WAVE_PLAN = {
  shares: Shares,
  everyMs: EveryMs,
  haltIf: v.optional(v.nullable(HealthUrl), null),
};

export const RolloutView = v.object({
  salt: v.number(),
  shares: Shares,
  step: v.number(),
  since: v.number(),
  everyMs: EveryMs,
  haltIf: v.nullable(HealthUrl),
  rest: v.nullable(v.boolean()),
  halted: v.nullable(v.object({ reason: v.string(), time: v.number(), actor: v.string() })),
});

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

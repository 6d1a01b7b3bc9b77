/** The shapes of flags with variants. Part of a server that is built with PREMIUM_TYPES. */

import * as v from "valibot";
import { FRACTIONAL } from "../domain/fractional.ts";
import { Count, Reason } from "./basic_schemas.ts";
import { EnvironmentView, FlagEntry } from "./schemas.ts";
import { VALUES } from "./value_schemas.ts";

const entries = { ...VALUES, reason: Reason };
export const NewVariants = v.strictObject(entries);
const VariantsView = v.object({ ...entries, hash: v.literal(FRACTIONAL), row: Count });
export const VariantsEntry = v.object({ ...VariantsView.entries, flag: v.string() });
export const EnvironmentWithVariants = v.object({
  ...EnvironmentView.entries,
  flags: v.array(v.object({ ...FlagEntry.entries, variants: v.nullable(VariantsView) })),
});

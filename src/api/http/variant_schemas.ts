/** The shapes of flags with variants. Part of a server that is built with PREMIUM_TYPES. */

import * as v from "valibot";
import { isObject } from "../../base/json.ts";
import { FRACTIONAL, WEIGHT_MAX } from "../domain/fractional.ts";
import { type Value, VALUE_TYPES, VARIANT_COUNT_MAX } from "../domain/variants.ts";
import { EnvironmentView, FlagEntry, Reason } from "./schemas.ts";

const VariantName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/));
/** Members of objects are taken as they are, and given out as they are. */
const ObjectValue = v.pipe(
  v.custom<{ readonly [name: string]: unknown }>(isObject, "an object"),
  v.metadata({ type: "object" }),
);

export const VariantValue: v.GenericSchema<Value> = v.union([
  v.boolean(),
  v.string(),
  v.pipe(v.number(), v.finite()),
  ObjectValue,
]);

const entries = {
  type: v.picklist(VALUE_TYPES),
  variants: v.pipe(
    v.array(v.strictObject({ name: VariantName, value: VariantValue })),
    v.minLength(1),
    v.maxLength(VARIANT_COUNT_MAX),
  ),
  off: VariantName,
  rollout: v.pipe(
    v.array(
      v.strictObject({
        variant: VariantName,
        weight: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(WEIGHT_MAX)),
      }),
    ),
    v.minLength(1),
    v.maxLength(VARIANT_COUNT_MAX),
  ),
  reason: Reason,
};

export const NewVariants = v.strictObject(entries);
const VariantsView = v.object({ ...entries, hash: v.literal(FRACTIONAL) });
export const VariantsEntry = v.object({ ...VariantsView.entries, flag: v.string() });
export const EnvironmentWithVariants = v.object({
  ...EnvironmentView.entries,
  flags: v.array(v.object({ ...FlagEntry.entries, variants: v.nullable(VariantsView) })),
});

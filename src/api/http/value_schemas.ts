/** The shapes of values, and of changes of them. Part of a server that is built with PREMIUM_TYPES. */

import * as v from "valibot";
import { VALUE_TYPES } from "../../base/values_words.ts";
import { isObject } from "../../base/json.ts";
import { WEIGHT_MAX } from "../domain/fractional.ts";
import { type Value, VARIANT_COUNT_MAX } from "../domain/variants.ts";
import { Count, FlagName } from "./basic_schemas.ts";

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

export const VALUES = {
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
};

/** The row that set the values that it is for; null for a plain flag. Left out: the present ones. */
const Against = v.optional(v.nullable(Count));
export const VALUES_ACTIONS = [
  v.strictObject({
    kind: v.literal("set_variants"),
    flag: FlagName,
    ...VALUES,
    against: Against,
  }),
  v.strictObject({ kind: v.literal("clear_variants"), flag: FlagName, against: Against }),
] as const;

/** What a change of values comes to now. */
export const ValuesView = v.object({
  /** They have changed since it was asked for: it cannot be done any more. */
  stale: v.boolean(),
  difference: v.array(
    v.object({
      what: v.string(),
      before: v.nullable(VariantValue),
      after: v.nullable(VariantValue),
    }),
  ),
});

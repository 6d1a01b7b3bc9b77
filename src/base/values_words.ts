/** A change of a flag's values that is asked for, in words. Pure. */

export const VALUE_TYPES = ["boolean", "string", "number", "object"] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

/** What a flag gives besides on and off, and to whom. */
export interface ValuesOrder {
  readonly kind: "set_variants" | "clear_variants";
  readonly flag: string;
}

/** One thing that a change of values would change. */
export interface ValueDifference {
  /** `type`, `off`, `value NAME` or `weight NAME`. */
  readonly what: string;
  /** Null for what is not there. */
  readonly before: unknown;
  readonly after: unknown;
}

/** What a change of values comes to now. */
export interface ValuesLook {
  /** They have changed since it was asked for: it cannot be done any more. */
  readonly stale: boolean;
  readonly difference: readonly ValueDifference[];
}

/** Why it cannot be approved any more, and what to do. */
export const STALE_TEXT =
  "the values have changed since this was asked for: take it back, and ask for it again";

export function isValuesOrder(order: { readonly kind: string }): order is ValuesOrder {
  return order.kind === "set_variants" || order.kind === "clear_variants";
}

export function valuesText({ kind, flag }: ValuesOrder): string {
  return kind === "set_variants" ? `change the values of ${flag}` : `make ${flag} a plain flag`;
}

/** `value control: "blue" → "red"` */
export function differenceText({ what, before, after }: ValueDifference): string {
  return `${what}: ${valueText(before)} → ${valueText(after)}`;
}

function valueText(value: unknown): string {
  return value === null ? "none" : (JSON.stringify(value) ?? "none");
}

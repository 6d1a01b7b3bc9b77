/** How values that are asked for differ from those that a flag has. Part of a server with PREMIUM_TYPES. Pure. */

import type { Values, Value, ValuesAction } from "./variants.ts";

/** One thing that would change. */
export interface Differing {
  /** `type`, `off`, `value NAME` or `weight NAME`. */
  readonly what: string;
  /** Null for what is not there. */
  readonly before: Value | null;
  readonly after: Value | null;
}

/** @param before what the flag has now; nothing for a plain one */
export function valuesDifference(before: Values | undefined, action: ValuesAction): Differing[] {
  const [old, next] = [parts(before), parts(action.kind === "set_variants" ? action : undefined)];
  const names = new Set([...old.keys(), ...next.keys()]);
  return [...names]
    .map((what) => ({ what, before: old.get(what) ?? null, after: next.get(what) ?? null }))
    .filter((one) => !Bun.deepEquals(one.before, one.after, true));
}

function parts(values: Values | undefined): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>();
  if (values === undefined) return found;
  found.set("type", values.type).set("off", values.off);
  for (const { name, value } of values.variants) found.set(`value ${name}`, value);
  for (const { variant, weight } of values.rollout) {
    const name = `weight ${variant}`;
    found.set(name, weight + Number(found.get(name) ?? 0));
  }
  return found;
}

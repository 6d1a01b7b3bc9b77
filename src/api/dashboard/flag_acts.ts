/** What a person can do to a flag now. Pure. */

import type { Environment, Flag } from "./client.ts";

export type FlagAct =
  | { readonly kind: "switch"; readonly enabled: boolean }
  /** To the record: its override goes. */
  | { readonly kind: "give_back" };

/**
 * @param isAdmin whose one door a freeze leaves open: to switch a flag off
 * @returns null where neither the record nor a freeze lets anybody do anything
 */
export function actOn(
  { enabled, live, override }: Flag,
  { frozen }: Environment,
  isAdmin: boolean,
): FlagAct | null {
  if (frozen !== null) {
    const isOn = enabled || override?.enabled === true;
    return isAdmin && isOn && live !== "none" ? { kind: "switch", enabled: false } : null;
  }
  if (override !== null) return { kind: "give_back" };
  if (live === "any" || (live === "off" && enabled)) return { kind: "switch", enabled: !enabled };
  return null;
}

/** As a button says it. */
export function actText(act: FlagAct): string {
  return act.kind === "give_back" ? "Give back" : `Switch ${act.enabled ? "on" : "off"}`;
}

/** What a record lets overrides do to its flags (docs/format.md, "Section meta"). Pure. */

import { type File, flagMeta } from "./file.ts";
import { hasFlag } from "./flag_set.ts";
import type { LiveLimit } from "./meta.ts";

/** `any`: on and off; `off`: only off; `none`: nothing. */
export type LiveRule = "any" | LiveLimit;

/** What a fixed record says nothing about can be taken away, and not added. */
export function liveRule(file: File, name: string): LiveRule {
  const { live } = flagMeta(file, name);
  return live ?? (file.frozen || file.signature !== null ? "off" : "any");
}

/** Whether an override may switch a flag of the record so. What is on in it is switched on by nobody. */
export function letsSwitch(file: File, name: string, enabled: boolean): boolean {
  const flag = file.flags.find((candidate) => candidate.name === name);
  if (flag === undefined) return true;
  const rule = liveRule(file, name);
  if (rule === "none") return false;
  return rule === "any" || !enabled || hasFlag(file.record.featureFlags, flag.bit);
}

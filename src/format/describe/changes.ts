/** What changed between two files, in words. Pure. */

import { describeFile } from "./facts.ts";
import type { File } from "../file.ts";

export interface FieldChange {
  /** As `bun-config get` names it: `features.DEBUG`, `terminal.rows`, `registry`. */
  readonly field: string;
  /** null when the field is new. */
  readonly before: string | null;
  /** null when the field is gone. */
  readonly after: string | null;
}

/**
 * Every difference of content, what is gone first, then in the order of the facts.
 *
 * @param before undefined when there was no file
 * @example describeChanges(a, b).map(changeText) // ["DEBUG: off → on", "generation: 3 → 4"]
 */
export function describeChanges(before: File | undefined, after: File): FieldChange[] {
  const old = before === undefined ? new Map<string, string>() : describeFile(before);
  const new_ = describeFile(after);
  const changes: FieldChange[] = [];
  for (const [field, value] of old) {
    if (!new_.has(field)) changes.push({ field, before: value, after: null });
  }
  for (const [field, value] of new_) {
    const was = old.get(field) ?? null;
    if (was !== value) changes.push({ field, before: was, after: value });
  }
  return changes;
}

/** A change as one line: `DEBUG: off → on`. */
export function changeText({ field, before, after }: FieldChange): string {
  const label = field.replace(/^features\./, "");
  if (before === null) return `${label}: added, ${after}`;
  if (after === null) return `${label}: removed, was ${before}`;
  return `${label}: ${before} → ${after}`;
}

/** What the check of a build's sources comes to. */

import { count, formatDuration } from "../../base/units.ts";
import { type Diagnostic, SourceError } from "../source/diagnostic.ts";
import type { SourceCheck } from "../source/source_check.ts";

/** How long the check of the sources took, and what it found. */
export interface Elimination {
  readonly nanoseconds: number;
  readonly calls: number;
  readonly flags: number;
}

/**
 * @param start when the check began, as `Bun.nanoseconds` gives it
 * @throws SourceError when a source uses a flag in a way that Bun gets wrong
 */
export function concludeCheck(
  { calls, errors, warnings }: SourceCheck,
  start: number,
): {
  readonly elimination: Elimination;
  readonly warnings: readonly Diagnostic[];
} {
  if (errors.length > 0) throw new SourceError(errors);
  const nanoseconds = Bun.nanoseconds() - start;
  const flags = new Set(calls).size;
  return { elimination: { nanoseconds, calls: calls.length, flags }, warnings };
}

/** `Feature elimination: TIME, 7 calls of 3 flags`. */
export function formatElimination({ nanoseconds, calls, flags }: Elimination): string {
  const time = formatDuration(nanoseconds);
  return `Feature elimination: ${time}, ${count(calls, "call")} of ${count(flags, "flag")}`;
}

/** What the record says about the flags that a source uses. */

import { quote } from "../../base/text.ts";
import { noSuchFlag, retiredFlag } from "../../format/flags.ts";
import { type BuildFlags, usableFlags } from "../flags/build_flags.ts";
import { type Diagnostic, diagnose, type Problem } from "./diagnostic.ts";
import { positionsOf } from "./position.ts";
import type { SourceScan } from "./scan.ts";

/** `build`: `feature()`. `frozen`: `Bun.config` and `config`. `live`: the live view, which can change. */
export type Binding = "build" | "frozen" | "live";

export interface FlagUse {
  readonly name: string;
  /** Where the name or the read stands, in UTF-16 code units. */
  readonly start: number;
  readonly binding: Binding;
}

/** Every place of a source that names a flag, but for the reads of `config`, which no build sees. */
function flagUses({ calls, reads, liveReads }: SourceScan): FlagUse[] {
  return [
    ...calls.map(({ name, nameStart }): FlagUse => ({ name, start: nameStart, binding: "build" })),
    ...reads.flatMap(({ path: [group, name], start }): FlagUse[] =>
      group === "features" && name !== undefined ? [{ name, start, binding: "frozen" }] : [],
    ),
    ...liveReads.map(({ name, start }): FlagUse => ({ name, start, binding: "live" })),
  ];
}

/** Every place of a source that names a flag. */
export function allFlagUses(scan: SourceScan): FlagUse[] {
  const frozen = scan.frozenReads.map(({ name, start }): FlagUse => ({
    name,
    start,
    binding: "frozen",
  }));
  return [...flagUses(scan), ...frozen];
}

/**
 * All that is to be said about one source, in the order of its text.
 *
 * @param uses the places to judge
 * @param today `YYYY-MM-DD`, UTC
 */
export function diagnoseScan(
  scan: SourceScan,
  code: string,
  file: string,
  flags: BuildFlags,
  today: string,
  uses: readonly FlagUse[] = flagUses(scan),
): Diagnostic[] {
  const found: { problem: Problem; severity: Diagnostic["severity"] }[] = scan.problems.map(
    (problem) => ({ problem, severity: "error" }),
  );
  for (const { name, start } of uses) {
    const error = flagError(name, start, flags);
    if (error !== undefined) found.push({ problem: error, severity: "error" });
    const warning = flagWarning(name, start, flags, today);
    if (warning !== undefined) found.push({ problem: warning, severity: "warning" });
  }
  if (found.length === 0) return [];
  const positions = positionsOf(code);
  return found
    .toSorted((a, b) => a.problem.start - b.problem.start)
    .map(({ problem, severity }) => diagnose(problem, code, file, severity, positions));
}

/** The fault of a use that names an unknown or a retired flag, if it is one. */
function flagError(name: string, start: number, flags: BuildFlags): Problem | undefined {
  const flag = flags.byName.get(name);
  if (flag === undefined) {
    const { message, hint = "" } = noSuchFlag(name, usableFlags(flags));
    return { rule: "unknown-flag", start, message, fix: hint };
  }
  if (!flag.retired) return undefined;
  const { message, hint = "" } = retiredFlag(
    name,
    "Keep the branch that is to stay and take the flag out of the source.",
  );
  return { rule: "retired-flag", start, message, fix: hint };
}

/** The warning about a flag that should be gone by now. */
function flagWarning(
  name: string,
  start: number,
  flags: BuildFlags,
  today: string,
): Problem | undefined {
  const expires = flags.byName.get(name)?.expires;
  if (expires === undefined || expires >= today) return undefined;
  return {
    rule: "expired-flag",
    start,
    message: `${quote(name)} expired on ${expires}`,
    fix: "Retire the flag, or give it a later date.",
  };
}

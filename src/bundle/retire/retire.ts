/** Takes a flag out of a source: the live branch stays, with its comments and its layout. Pure. */

import { MagicString } from "magic-string";
import type { Span } from "../source/position.ts";
import { type Diagnostic, diagnose, SourceError } from "../source/diagnostic.ts";
import { type FlagSource, parseFlagSource, truthOf } from "../source/flag_source.ts";
import { removeFeatureImport } from "./retire_import.ts";
import { rewriteBranches } from "./retire_branches.ts";
import { parseSource } from "../source/source_file.ts";

/**
 * Rewrites a source as if the flag had always been on, or off.
 *
 * @param file its extension tells the language
 * @param keep which of the flag's branches stay
 * @returns undefined when the source does not use the flag
 * @throws SourceError `ERR_SOURCE` when the source has mistakes, or a use cannot be rewritten
 * @example
 * retireInSource('import { feature } from "bun:bundle";\nif (feature("A")) f();\n', "a.ts", "A", true)
 * // "f();\n"
 */
export function retireInSource(
  code: string,
  file: string,
  name: string,
  keep: boolean,
): string | undefined {
  const source = parseFlagSource(code, file, "all");
  if (!usesFlag(source, name)) return undefined;
  const { problems, imports, calls } = source.scan;
  if (problems.length > 0) {
    throw new SourceError(problems.map((problem) => diagnose(problem, code, file)));
  }
  const text = new MagicString(code);
  const removed = rewriteBranches({
    code,
    program: parseSource(file, code, true).program,
    text,
    flagTruth: truthOf(source, (asked) => (asked === name ? keep : undefined)),
    isFlag: (node) => source.flagOf(node) !== undefined,
  });
  const isImportUsed = calls.some((call) => call.name !== name && !isInside(call, removed));
  if (!isImportUsed) for (const node of imports) removeFeatureImport(text, code, node);
  const result = text.toString();
  const faults = findFaults(result, file, name);
  if (faults.length > 0) throw new SourceError(faults);
  return result;
}

function usesFlag({ scan }: FlagSource, name: string): boolean {
  return (
    [...scan.calls, ...scan.frozenReads, ...scan.liveReads].some((use) => use.name === name) ||
    scan.reads.some(({ path }) => path[0] === "features" && path[1] === name)
  );
}

/** What a result must not have: mistakes, or the flag. */
function findFaults(code: string, file: string, name: string): Diagnostic[] {
  const source = parseFlagSource(code, file, "all");
  const problems = [...source.scan.problems];
  if (usesFlag(source, name)) {
    problems.push({
      rule: "position",
      start: source.scan.calls.find((call) => call.name === name)?.start ?? 0,
      message: `a use of ${name} cannot be taken out`,
      fix: "Rewrite it by hand, and run the command again.",
    });
  }
  return problems.map((problem) => diagnose(problem, code, file));
}

function isInside({ start, end }: Span, spans: readonly Span[]): boolean {
  return spans.some((span) => span.start <= start && end <= span.end);
}

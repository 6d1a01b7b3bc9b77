/** Takes a flag out of a source: the live branch stays, with its comments and its layout. Pure. */

import type { ImportDeclaration } from "@oxc-project/types";
import { MagicString } from "magic-string";
import { type Diagnostic, diagnose, SourceError } from "../source/diagnostic.ts";
import { type FlagSource, parseFlagSource, truthOf } from "../source/flag_source.ts";
import { lostNames } from "./retire_names.ts";
import { rewriteBranches } from "./retire_branches.ts";
import { closeStatements, openStatements } from "./retire_semicolons.ts";
import { parseSource } from "../source/parse.ts";
import { RECORD_MODULE, SOURCE_TEXT } from "../source/needles.ts";

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
  const { problems } = source.scan;
  const isOurs = SOURCE_TEXT.test(code) || code.includes(RECORD_MODULE);
  const mentions = isOurs && code.includes(name);
  if (problems.length > 0 && mentions) {
    throw new SourceError(problems.map((problem) => diagnose(problem, code, file)));
  }
  if (!usesFlag(source, name)) return undefined;
  const closed = closeStatements(code, source.program);
  const kept = keepBranches(
    closed === undefined ? source : parseFlagSource(closed.code, file, "all"),
    {
      file,
      name,
      keep,
    },
  );
  const bare = removeImports(kept, file);
  const result = closed === undefined ? bare : openStatements({ ...closed, code: bare });
  const after = parseFlagSource(result, file, "all");
  const faults = [...findFaults(after, file, name), ...findLost(source, after, file)];
  if (faults.length > 0) throw new SourceError(faults);
  return result;
}

interface Retirement {
  readonly file: string;
  readonly name: string;
  readonly keep: boolean;
}

function keepBranches(source: FlagSource, { file, name, keep }: Retirement): string {
  const { code } = source;
  const text = new MagicString(code);
  rewriteBranches({
    code,
    program: parseSource(file, code, true).program,
    text,
    flagTruth: truthOf(source, (asked) => (asked === name ? keep : undefined)),
    isFlag: (node) => source.flagOf(node) !== undefined,
  });
  return text.toString();
}

/** Takes the import out when no call is left, and no type that names the function. */
function removeImports(code: string, file: string): string {
  const source = parseFlagSource(code, file);
  const { imports, calls, problems } = source.scan;
  if (calls.length > 0 || problems.length > 0) return code;
  const text = new MagicString(code);
  for (const node of imports) removeFeatureImport(text, code, node);
  const bare = text.toString();
  return lostNames(source.program, parseFlagSource(bare, file).program).length > 0 ? code : bare;
}

function usesFlag({ scan }: FlagSource, name: string): boolean {
  return (
    [...scan.calls, ...scan.frozenReads, ...scan.liveReads].some((use) => use.name === name) ||
    scan.reads.some(({ path }) => path[0] === "features" && path[1] === name)
  );
}

/** What a result must not have: mistakes, or the flag. */
function findFaults(after: FlagSource, file: string, name: string): Diagnostic[] {
  const { calls, problems } = after.scan;
  const faults = [...problems];
  if (usesFlag(after, name)) {
    faults.push({
      rule: "position",
      start: calls.find((call) => call.name === name)?.start ?? 0,
      message: `a use of ${name} cannot be taken out`,
      fix: "Rewrite it by hand, and run the command again.",
    });
  }
  return faults.map((problem) => diagnose(problem, after.code, file));
}

function findLost(before: FlagSource, after: FlagSource, file: string): Diagnostic[] {
  return lostNames(before.program, after.program).map(({ name, start }) =>
    diagnose(
      {
        rule: "position",
        start,
        message: `${name} is declared in the branch that goes, and used elsewhere`,
        fix: "Declare it outside of the branch, and run the command again.",
      },
      before.code,
      file,
    ),
  );
}

/** @param node an import of `bun:bundle`; its types stay */
function removeFeatureImport(text: MagicString, code: string, node: ImportDeclaration): void {
  const types = node.specifiers.filter(
    (one) => one.type === "ImportSpecifier" && one.importKind === "type",
  );
  if (types.length > 0) {
    const names = types.map(({ start, end }) => code.slice(start, end)).join(", ");
    const [first] = node.specifiers;
    const last = node.specifiers.at(-1);
    if (first !== undefined && last !== undefined) text.update(first.start, last.end, names);
    return;
  }
  const lineEnd = /^[ \t]*(?:\r?\n)?/.exec(code.slice(node.end))?.[0].length ?? 0;
  const isFirst = code.slice(0, node.start).trim() === "";
  // A blank line behind the first import belongs to it.
  const blank = isFirst
    ? (/^(?:[ \t]*\r?\n)*/.exec(code.slice(node.end + lineEnd))?.[0] ?? "")
    : "";
  text.remove(node.start, node.end + lineEnd + blank.length);
}

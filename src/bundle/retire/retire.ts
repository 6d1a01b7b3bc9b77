/** Takes a flag out of a source: the live branch stays, with its comments and its layout. Pure. */

import type { ImportDeclaration, Program } from "@oxc-project/types";
import { MagicString } from "magic-string";
import { type Diagnostic, diagnoseAll, type Problem, SourceError } from "../source/diagnostic.ts";
import { type FlagSource, parseFlagSource, truthOf } from "../source/flag_source.ts";
import { type Language, languageOf } from "../source/language.ts";
import { removeImports, usedImports } from "./retire_imports.ts";
import { lostNames } from "./retire_names.ts";
import { rewriteBranches } from "./retire_branches.ts";
import { indentOf } from "./retire_layout.ts";
import { closeStatements, openStatements } from "./retire_semicolons.ts";
import { parseSource } from "../source/parse.ts";
import type { Span } from "../source/position.ts";
import type { SourceScan } from "../source/scan.ts";
import { BUNDLE_MODULE, isConcerned } from "../source/needles.ts";

/** What is known of a source that is a part of another file. */
export interface PartOf {
  readonly language: Language;
  /** Whether the rest of the file may use a name of the part. */
  readonly mayUse: (name: string) => boolean;
}

/**
 * Rewrites a source as if the flag had always been on, or off. Imports that only a branch used go with
 * it.
 *
 * @param file its extension tells the language
 * @param keep which of the flag's branches stay
 * @param part when it is one
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
  part: PartOf = { language: languageOf(file), mayUse: () => false },
): string | undefined {
  const { language } = part;
  const source = parseFlagSource(code, file, "all", language);
  const { problems } = source.scan;
  const mentions = isConcerned(code) && code.includes(name);
  if (problems.length > 0 && mentions) {
    throw new SourceError(diagnoseAll(problems, code, file));
  }
  if (flagUses(source.scan, name).length === 0) return undefined;
  const closed = closeStatements(code, source.program);
  const kept = keepBranches(
    closed === undefined ? source : parseFlagSource(closed.code, file, "all", language),
    { file, name, keep, language },
  );
  const bare = withoutFeature(withoutUnused(kept, source.program, file, part), file, part);
  const result = closed === undefined ? bare : openStatements({ ...closed, code: bare });
  const after = parseFlagSource(result, file, "all", language);
  const faults = [...findFaults(after, file, name), ...findLost(source, after, file)];
  if (faults.length > 0) throw new SourceError(faults);
  return result;
}

interface Retirement {
  readonly file: string;
  readonly name: string;
  readonly keep: boolean;
  readonly language: Language;
}

function keepBranches(source: FlagSource, { file, name, keep, language }: Retirement): string {
  const { code } = source;
  const text = new MagicString(code);
  rewriteBranches({
    code,
    program: parseSource(file, code, true, language).program,
    text,
    flagTruth: truthOf(source, (asked) => (asked === name ? keep : undefined)),
    isFlag: (node) => source.flagOf(node) !== undefined,
  });
  return text.toString();
}

/** Takes out what the branches that went alone had imported. */
function withoutUnused(code: string, before: Program, file: string, part: PartOf): string {
  const { program } = parseSource(file, code, false, part.language);
  const names = usedImports(before);
  const still = usedImports(program);
  for (const name of names) if (still.has(name) || part.mayUse(name)) names.delete(name);
  if (names.size === 0) return code;
  const text = new MagicString(code);
  // The function itself has more to it.
  const others = program.body.filter(
    (node) => node.type === "ImportDeclaration" && node.source.value !== BUNDLE_MODULE,
  );
  removeImports(text, code, { ...program, body: others }, names, (node) =>
    removeDeclaration(text, code, node),
  );
  return text.toString();
}

/** Takes the function's import out when no call is left, and no type that names it. */
export function withoutFeature(code: string, file: string, { language, mayUse }: PartOf): string {
  const source = parseFlagSource(code, file, "replaced", language);
  const { imports, calls, problems, names } = source.scan;
  if (calls.length > 0 || problems.length > 0 || [...names].some(mayUse)) return code;
  const text = new MagicString(code);
  for (const node of imports) removeFeatureImport(text, code, node);
  const bare = text.toString();
  const { program } = parseFlagSource(bare, file, "replaced", language);
  return lostNames(source.program, program).length > 0 ? code : bare;
}

/** All that asks for the flag, in no order. */
export function flagUses(scan: SourceScan, name: string): Span[] {
  return [
    ...[...scan.calls, ...scan.frozenReads, ...scan.liveReads].filter((use) => use.name === name),
    ...scan.reads.filter(({ path }) => path[0] === "features" && path[1] === name),
  ];
}

/** What a result must not have: mistakes, or the flag. */
function findFaults(after: FlagSource, file: string, name: string): Diagnostic[] {
  const { calls, problems } = after.scan;
  const faults = [...problems];
  if (flagUses(after.scan, name).length > 0) {
    faults.push({
      rule: "position",
      start: calls.find((call) => call.name === name)?.start ?? 0,
      message: `a use of ${name} cannot be taken out`,
      fix: "Rewrite it by hand, and run the command again.",
    });
  }
  return diagnoseAll(faults, after.code, file);
}

function findLost(before: FlagSource, after: FlagSource, file: string): Diagnostic[] {
  const problems = lostNames(before.program, after.program).map(({ name, start }): Problem => {
    return {
      rule: "position",
      start,
      message: `${name} is declared in the branch that goes, and used elsewhere`,
      fix: "Declare it outside of the branch, and run the command again.",
    };
  });
  return diagnoseAll(problems, before.code, file);
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
  removeDeclaration(text, code, node);
}

/** Takes an import out with its line. */
function removeDeclaration(text: MagicString, code: string, node: ImportDeclaration): void {
  const lineEnd = /^[ \t]*(?:\r?\n)?/.exec(code.slice(node.end))?.[0] ?? "";
  // Its indentation, in a component's script.
  const indent = lineEnd.endsWith("\n") ? indentOf(code, node.start).length : 0;
  const isFirst = code.slice(0, node.start).trim() === "";
  // A blank line behind the first import belongs to it.
  const blank = isFirst
    ? (/^(?:[ \t]*\r?\n)*/.exec(code.slice(node.end + lineEnd.length))?.[0] ?? "")
    : "";
  text.remove(node.start - indent, node.end + lineEnd.length + blank.length);
}

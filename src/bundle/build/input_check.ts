/** The check of what a build has read: every use of a flag is one that Bun builds rightly. */

import type { BuildMetafile } from "bun";
import { isMissing } from "../../base/fs_errors.ts";
import { absolutePath, shownPath } from "../../base/paths.ts";
import { count, formatDuration } from "../../base/units.ts";
import { type BuildFlags, isSettled } from "../flags/build_flags.ts";
import { type Diagnostic, diagnose, SourceError } from "../source/diagnostic.ts";
import { holdsNeedle, SOURCE_FILE } from "../source/needles.ts";
import type { ObservedUses } from "./input_observer.ts";

/** How long the check of the sources took, and what it found. */
export interface Elimination {
  readonly nanoseconds: number;
  readonly calls: number;
  readonly flags: number;
}

export interface CheckedInputs {
  readonly elimination: Elimination;
  readonly warnings: readonly Diagnostic[];
}

export interface InputCheck {
  /** The working folder, from which the bundler names its inputs. */
  readonly root: string;
  readonly flags: BuildFlags;
  /** `YYYY-MM-DD`, UTC. */
  readonly today: string;
}

/**
 * @param observed what the observer saw of the inputs; the others are read from the disk
 * @throws SourceError `ERR_SOURCE` with every fault of the sources
 */
export async function checkInputs(
  metafile: BuildMetafile,
  observed: ReadonlyMap<string, ObservedUses> | undefined,
  check: InputCheck,
): Promise<CheckedInputs> {
  const start = Bun.nanoseconds();
  const calls: string[] = [];
  const paths = unobservedScripts(metafile, observed, check.root);
  for (const [path, uses] of observed ?? []) {
    if (uses === "nothing") continue;
    const isKnown = typeof uses === "object" && uses.every((name) => isSettled(check.flags, name));
    if (isKnown) calls.push(...uses);
    else paths.push(path);
  }
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const path of paths.toSorted()) {
    const found = await checkFile(path, check);
    calls.push(...found.calls);
    for (const one of found.diagnostics) (one.severity === "error" ? errors : warnings).push(one);
  }
  errors.push(...(await checkMacros(metafile, check.root)));
  if (errors.length > 0) throw new SourceError(errors);
  const nanoseconds = Bun.nanoseconds() - start;
  return {
    elimination: { nanoseconds, calls: calls.length, flags: new Set(calls).size },
    warnings,
  };
}

/** `Feature elimination: TIME, 7 calls of 3 flags`. */
export function formatElimination({ nanoseconds, calls, flags }: Elimination): string {
  const time = formatDuration(nanoseconds);
  return `Feature elimination: ${time}, ${count(calls, "call")} of ${count(flags, "flag")}`;
}

/**
 * The inputs that the bundler took for code: of what it took for a text or a file, such as a script that is
 * imported as its text, it tells no format of modules.
 *
 * @returns paths as the bundler names them
 */
export function codeInputs({ inputs }: BuildMetafile): string[] {
  return Object.keys(inputs).filter((path) => {
    const format = inputs[path]?.format;
    return format === "esm" || format === "cjs";
  });
}

/** All that may be a script and that the observer did not see, absolute. */
function unobservedScripts(
  metafile: BuildMetafile,
  observed: ReadonlyMap<string, ObservedUses> | undefined,
  root: string,
): string[] {
  const paths: string[] = [];
  for (const input of codeInputs(metafile)) {
    if (!SOURCE_FILE.test(input)) continue;
    const path = absolutePath(root, input);
    if (observed?.has(path) !== true) paths.push(path);
  }
  return paths;
}

/** Stands in every source that imports a macro, unless it spells the word with escapes. */
const MAY_IMPORT_MACRO = /macro|\\/;

/** A macro is no input: of its import the bundler leaves the specifier, as of a file that stays outside. */
async function checkMacros({ inputs }: BuildMetafile, root: string): Promise<Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const [importer, { imports }] of Object.entries(inputs)) {
    const outside = imports.filter(isRelativeOutside).map(({ path }) => path);
    if (outside.length === 0) continue;
    const file = absolutePath(root, importer);
    const code = readInput(file)?.toString();
    // One read of the importer spares one of each file that it hands on and nobody uses.
    if (code === undefined || !MAY_IMPORT_MACRO.test(code)) continue;
    const asking = outside.filter((path) => asksForFlags(path, file));
    if (asking.length === 0) continue;
    const { macroProblem, typedImports } = await import("../source/import_types.ts");
    const macros = typedImports(code, file).filter(({ type }) => type === "macro");
    for (const path of asking) {
      const macro = macros.find(({ specifier }) => specifier === path);
      if (macro === undefined) continue;
      found.push(diagnose(macroProblem(macro.start, path), code, shownPath(root, file)));
    }
  }
  return found;
}

type InputImport = BuildMetafile["inputs"][string]["imports"][number];

function isRelativeOutside({ path, external }: InputImport): boolean {
  return external === true && /^\.{1,2}\//.test(path);
}

function asksForFlags(specifier: string, importer: string): boolean {
  const { dirname } = process.getBuiltinModule("node:path");
  try {
    return readWithNeedle(Bun.resolveSync(specifier, dirname(importer))) !== undefined;
  } catch {
    // It may be there when the program runs.
    return false;
  }
}

/** The parser is loaded for the first source that needs it: most builds have none. */
async function checkFile(
  path: string,
  { root, flags, today }: InputCheck,
): Promise<{ readonly calls: readonly string[]; readonly diagnostics: readonly Diagnostic[] }> {
  const code = readWithNeedle(path);
  if (code === undefined) return { calls: [], diagnostics: [] };
  const { checkSource } = await import("../source/transform.ts");
  return checkSource(code, shownPath(root, path), flags, today);
}

/** @returns nothing for a file without a needle */
function readWithNeedle(path: string): string | undefined {
  const bytes = readInput(path);
  return bytes !== undefined && holdsNeedle(bytes) ? bytes.toString() : undefined;
}

/** @returns nothing for what is not there: inputs can be virtual */
function readInput(path: string): Buffer | undefined {
  const { readFileSync, statSync } = process.getBuiltinModule("node:fs");
  try {
    // What stays outside, the bundler has not read: a pipe would keep this waiting.
    return statSync(path).isFile() ? readFileSync(path) : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

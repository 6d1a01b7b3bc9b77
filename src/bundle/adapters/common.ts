/** What the adapters have in common beside the transform. */

import { resolve } from "node:path";
import { readSource } from "../../base/read_file.ts";
import type { Loader } from "bun";
import type { Loader as EsbuildLoader } from "esbuild";
import { sha256 } from "../../base/digest.ts";
import { shownPath } from "../../base/paths.ts";
import { dayOf } from "../../base/units.ts";
import { ownEnvironment } from "../../runtime/own_environment.ts";
import type { BuildFlags } from "../flags/build_flags.ts";
import { openBuildFlags } from "../flags/open_build_flags.ts";
import { type Problem, SourceError, diagnose } from "../source/diagnostic.ts";
import { positionsOf } from "../source/position.ts";
import { BUNDLE_MODULE, COMPONENT_ID, holdsNeedle } from "../source/needles.ts";
import { pathOf } from "../flags/module_path.ts";
import type { ImmuconfigOptions } from "./options.ts";

export const PLUGIN_NAME = "immuconfig";

/** What is looked at of Vite's settings. */
export interface ViteSettings {
  readonly command: string;
  readonly plugins: readonly { readonly name: string }[];
}

/** Whether Vite runs for Vitest: a build is none, whatever its plugins are called. */
export function runsTests({ command, plugins }: ViteSettings): boolean {
  return command === "serve" && plugins.some(({ name }) => name.startsWith("vitest"));
}

/** What `bun:bundle` is called in a test; as long as that, so that nothing moves. */
export const FEATURES_MODULE = "immu:flags";

/** A source with the module of a test in the place of `bun:bundle`, also where it is mocked. */
export function askFeaturesModule(code: string): string {
  return code.replaceAll(/(["'`])bun:bundle\1/g, `$1${FEATURES_MODULE}$1`);
}

/** Whether a test puts something of its own in the place of `bun:bundle`, and judges by itself. */
export function mocksFlags(code: string): boolean {
  return /\b(?:vi|vitest|jest)\s*\.\s*(?:doMock|mock|mocked|importActual)\s*\(|\bmock\s*\.\s*module\s*\(/.test(
    code,
  );
}

/** Where a bundler works; what it is given is known only when its settings are. */
export interface Place {
  root?: string | undefined;
}

/** What an adapter is given, and where its bundler works: nothing for a bundler that knows no root. */
export interface PlacedOptions extends ImmuconfigOptions {
  readonly place?: Place;
}

/**
 * The record for a plugin that runs inside another bundler: the file's, or what a process above pinned.
 * A root that lies elsewhere than the process goes first: it is the root's project that is built.
 * What this process itself has pinned for its children, by a preload for one, would hold a watching
 * bundler to the record that it began with.
 *
 * @throws ImmuconfigError as `openBuildFlags`; FormatError
 */
export function loadBuildFlags({ file, features, place }: PlacedOptions): BuildFlags {
  const cwd = process.cwd();
  const root = resolve(cwd, place?.root ?? "");
  const program = root === cwd ? undefined : root;
  return openBuildFlags({ cwd, env: ownEnvironment(), file, program }, features);
}

/** Differs when anything that a build takes from the record does: for the caches of bundlers. */
export function flagsDigest({ byName, constants, record }: BuildFlags): string {
  const text = JSON.stringify([record, [...byName.values()], [...constants]]);
  return sha256(text).slice(0, 16);
}

/** Whether Bun or esbuild takes a file for code: what is imported as a text or a file is none. */
export function isCode(loader: Loader | EsbuildLoader): boolean {
  return loader === "js" || loader === "jsx" || loader === "ts" || loader === "tsx";
}

/** A module's path as messages show it. */
export function displayPath(id: string): string {
  return shownPath(process.cwd(), pathOf(id));
}

/** Today as `YYYY-MM-DD`, UTC: no bundler hands a clock to its plugins. */
export function today(): string {
  return dayOf(new Date());
}

/**
 * For a source that imports `bun:bundle` behind the transform's back.
 *
 * @param words where the bundler knows more of it
 */
export function unreplacedImport(
  importer: string | undefined,
  words?: Pick<Problem, "message" | "fix">,
): SourceError {
  const isComponent = importer !== undefined && COMPONENT_ID.test(importer);
  const usual = isComponent
    ? {
        message: `a component that is not read here imports "${BUNDLE_MODULE}"`,
        fix: "Decide the flag in a .js or .ts file, and import what it decided.",
      }
    : {
        message: `imports "${BUNDLE_MODULE}" in a way that cannot be replaced`,
        fix: `Write the name plainly, in a .js or .ts file: import { feature } from "${BUNDLE_MODULE}".`,
      };
  const problem: Problem = { rule: "unknown-import", start: 0, ...usual, ...words };
  const found = diagnose(problem, "", displayPath(importer ?? "entry"));
  const place = importer === undefined ? {} : importPlace(pathOf(importer));
  return new SourceError([{ ...found, ...place }]);
}

/** Where a file names the module, for want of anything better. */
export function importPlace(path: string): { readonly line: number; readonly column: number } {
  try {
    const code = readSource(path).toString();
    const at = code.indexOf(BUNDLE_MODULE);
    const statement = code.lastIndexOf("import", at);
    return positionsOf(code)(Math.max(0, statement < 0 ? at : statement));
  } catch {
    // A virtual module: only the loader sees its text.
    return { line: 1, column: 1 };
  }
}

/** @returns undefined for what cannot be read: of a virtual module, only the loader sees the text */
export function fileHoldsNeedle(path: string): boolean | undefined {
  try {
    return holdsNeedle(readSource(path));
  } catch {
    return undefined;
  }
}

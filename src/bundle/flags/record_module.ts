/**
 * What `immuconfig` is in a build: the record's values as literals. Nothing native, no file and no
 * effect is left of the package.
 */

import { readSource } from "../../base/read_file.ts";
import { isIdentifier } from "../../base/text.ts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BuildFlags } from "./build_flags.ts";
import { pathOf } from "./module_path.ts";

/** The imports that a build replaces, for hooks that ask for a pattern. */
export const RECORD_IMPORT = /^immuconfig(?:\/register)?$/;

/** The module's values, from the folder of this file, built or not. */
const CORES = ["../../core.js", "../../core.ts", "../core.js"];

/**
 * The text of the module.
 *
 * @param specifier `immuconfig` or `immuconfig/register`; the preload has nothing to do, as
 * `Bun.config` is literals
 * @param needsCore whether more than `config` is asked for
 */
export function recordModule(specifier: string, flags: BuildFlags, needsCore: boolean): string {
  if (specifier !== "immuconfig") return "export {};\n";
  const core = needsCore
    ? `export { FormatError, ImmuconfigError, load, parse } from ${JSON.stringify(corePath())};\n`
    : "";
  return `${core}export const config = ${frozen(builtConfig(flags))};\n`;
}

/** What `config` and `Bun.config` are in a build. */
export function builtConfig({ byName, constants, record, generation }: BuildFlags): Values {
  const features: Values = {};
  for (const { name, enabled, retired } of byName.values()) {
    if (enabled || !retired) features[name] = enabled;
  }
  const value = (path: string): boolean | number | string | null => constants.get(path) ?? null;
  return {
    version: value("version"),
    features,
    registry: { url: value("registry.url"), hash: value("registry.hash") },
    terminal: {
      mode: value("terminal.mode"),
      rows: value("terminal.rows"),
      cols: value("terminal.cols"),
    },
    record,
    generation,
  };
}

/** What a bundler's `define` needs: `Bun.config`, its groups and its values by path, as source text. */
export function recordDefines(flags: BuildFlags): { [path: string]: string } {
  const defines: { [path: string]: string } = {};
  const define = (path: string, value: Values[string] | undefined): void => {
    if (value === null || value === undefined) return;
    defines[path] = JSON.stringify(value);
    if (typeof value !== "object") return;
    for (const [name, member] of Object.entries(value)) {
      // A path is made of identifiers; the object around it has the others, too.
      if (isIdentifier(name)) define(`${path}.${name}`, member);
    }
  };
  define("Bun.config", builtConfig(flags));
  return defines;
}

interface Values {
  [name: string]: Values | boolean | number | string | null;
}

/** A bundler drops what is marked so when nothing uses it. */
function frozen(values: Values): string {
  const members = Object.entries(values).map(([name, value]) => {
    const text =
      typeof value === "object" && value !== null ? frozen(value) : JSON.stringify(value);
    return `${JSON.stringify(name)}: ${text}`;
  });
  return `/* @__PURE__ */ Object.freeze({ ${members.join(", ")} })`;
}

function corePath(): string {
  const paths = CORES.map((path) => join(import.meta.dirname, path));
  return paths.find((path) => existsSync(path)) ?? "immuconfig/core";
}

const FROM = /\bfrom\s*["']immuconfig["']/g;
const STATEMENT = /\b(?:import|export)/;
const OTHER_STATEMENT = /["';]/;
/** One name between the braces of an import. */
const CONFIG_OR_TYPE = /^(?:type\s+\w+|config|[A-Z]\w*)(?:\s+as\s+\w+)?$/;
const CLASSES = /\b(?:FormatError|ImmuconfigError)\b/;
const OTHER_FORM = /\b(?:require|import)\s*\(\s*["'`]immuconfig["'`]/;

/**
 * Whether a source asks for more of `immuconfig` than its record. What this does not see is an error
 * of the bundler: it finds no such export.
 *
 * @param importer its path, perhaps with a query; nothing, or no file, asks for all
 */
export function asksForCore(importer: string | undefined): boolean {
  // A bundler may ask for a part of a file, which its query tells.
  const path = importer === undefined ? undefined : pathOf(importer);
  if (path === undefined || !existsSync(path)) return true;
  const code = readSource(path).toString();
  if (OTHER_FORM.test(code)) return true;
  return clauses(code).some((clause) => !isConfigAlone(clause) || CLASSES.test(clause));
}

/** What stands between `import` or `export` and `from "immuconfig"`. */
function clauses(code: string): string[] {
  const found: string[] = [];
  let before = 0;
  for (const { index, 0: from } of code.matchAll(FROM)) {
    // Each part of the source is looked at once, however often it is asked for.
    const text = code.slice(before, index).split(OTHER_STATEMENT).at(-1) ?? "";
    before = index + from.length;
    const start = STATEMENT.exec(text);
    if (start !== null) found.push(text.slice(start.index + start[0].length).trim());
  }
  return found;
}

function isConfigAlone(clause: string): boolean {
  if (/^type\b/.test(clause)) return true;
  if (!clause.startsWith("{") || !clause.endsWith("}")) return false;
  const names = clause.slice(1, -1).split(",");
  return names.every((name) => name.trim() === "" || CONFIG_OR_TYPE.test(name.trim()));
}

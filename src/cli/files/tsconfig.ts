/** Which files a tsconfig.json has TypeScript read. */

import { dirname, join, relative, resolve, sep } from "node:path";
import { matchesGlob } from "../../base/glob.ts";
import { isObject } from "../../base/json.ts";
import { parseJsoncObject } from "../../base/jsonc.ts";
import { readText } from "./text_file.ts";

/** Configurations that one may lead to, by `extends` and `references`. */
const CONFIG_COUNT_MAX = 32;

/** Patterns in a list of one, and characters of a pattern: all of them are held against a path. */
const PATTERN_COUNT_MAX = 1000;
const PATTERN_SIZE_MAX = 4096;

const EVERYTHING = ["**/*"];
const OUTSIDE = ["**/node_modules/**", "**/bower_components/**", "**/jspm_packages/**"];

interface Config {
  /** Where patterns start from. */
  readonly folder: string;
  readonly files: readonly string[] | undefined;
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[];
  readonly references: readonly string[];
}

/**
 * Whether TypeScript reads a file when it is started with a configuration, or one that it refers to.
 *
 * @param configPath of a tsconfig.json
 * @param file absolute
 * @returns undefined where the configuration cannot be understood
 */
export function isReadByTypeScript(configPath: string, file: string): boolean | undefined {
  const seen = new Set<string>();
  const queue = [configPath];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (seen.has(path) || seen.size >= CONFIG_COUNT_MAX) continue;
    seen.add(path);
    const config = readConfig(path, 0);
    if (config === undefined) return undefined;
    if (matches(config, file)) return true;
    queue.push(...config.references);
  }
  return false;
}

function readConfig(path: string, depth: number): Config | undefined {
  const value = parseJsoncObject(readText(path) ?? "");
  if (value === undefined || depth > CONFIG_COUNT_MAX) return undefined;
  const folder = dirname(path);
  const own = {
    folder,
    files: strings(value["files"]),
    include: strings(value["include"]),
    exclude: strings(value["exclude"]) ?? [],
    references: referencesOf(value["references"], folder),
  };
  if (!isShort(own.include ?? []) || !isShort(own.exclude)) return undefined;
  if (own.files !== undefined || own.include !== undefined) return own;
  for (const base of basesOf(value["extends"], folder).toReversed()) {
    const inherited = readConfig(base, depth + 1);
    if (inherited === undefined) return undefined;
    const { files, include, exclude } = inherited;
    if (files !== undefined || include !== undefined) {
      return { ...own, folder: inherited.folder, files, include, exclude };
    }
  }
  return { ...own, include: EVERYTHING };
}

function isShort(patterns: readonly string[]): boolean {
  return (
    patterns.length <= PATTERN_COUNT_MAX &&
    patterns.every(({ length }) => length <= PATTERN_SIZE_MAX)
  );
}

function matches({ folder, files = [], include = [], exclude }: Config, file: string): boolean {
  if (files.some((name) => resolve(folder, name) === file)) return true;
  const isIn = (patterns: readonly string[]) =>
    patterns.some((pattern) => fits(folder, pattern, file));
  return isIn(include) && !isIn(exclude) && !isIn(OUTSIDE);
}

/** A pattern without an extension or a wildcard at its end is a folder. */
function fits(folder: string, pattern: string, file: string): boolean {
  // What a framework generates below the project looks upwards: `../src/**/*.ts`.
  const [, up = "", plain = ""] = /^((?:\.{1,2}(?:\/|$))*)(.*)$/su.exec(pattern) ?? [];
  const name = relative(join(folder, up), file).split(sep).join("/");
  if (name.startsWith("../")) return false;
  const path = plain.replace(/\/$/, "");
  const last = path.slice(path.lastIndexOf("/") + 1);
  if (/[*?.]/.test(last)) return matchesGlob(path, name);
  return matchesGlob(path === "" ? "**/*" : `${path}/**/*`, name);
}

function basesOf(value: unknown, folder: string): string[] {
  const names = typeof value === "string" ? [value] : (strings(value) ?? []);
  // A configuration of a package says how to check, and seldom what.
  return names
    .filter((name) => name.startsWith("."))
    .map((name) => join(folder, name.endsWith(".json") ? name : `${name}.json`));
}

function referencesOf(value: unknown, folder: string): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    const path = isObject(item) ? item["path"] : undefined;
    if (typeof path !== "string") return [];
    return [path.endsWith(".json") ? join(folder, path) : join(folder, path, "tsconfig.json")];
  });
}

function strings(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
}

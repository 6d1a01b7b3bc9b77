/** Which files a tsconfig.json has TypeScript read. */

import { dirname, join, relative, resolve, sep } from "node:path";
import { matchesGlob } from "../../base/glob.ts";
import { isObject } from "../../base/json.ts";
import { parseJsoncObject } from "../../base/jsonc.ts";
import { readText } from "./text_file.ts";

/** Configurations that one may refer to, and those that these may extend. */
const CONFIG_COUNT_MAX = 32;
const READ_COUNT_MAX = 4 * CONFIG_COUNT_MAX;

/** Patterns in a list of one, and characters of a pattern: all of them are held against a path. */
const PATTERN_COUNT_MAX = 1000;
const PATTERN_SIZE_MAX = 4096;

const EVERYTHING = ["**/*"];
const OUTSIDE = ["**/node_modules/**", "**/bower_components/**", "**/jspm_packages/**"];

const LISTS = ["files", "include", "exclude"] as const;

/** Names or patterns, from the folder of the configuration that has them. */
interface Listed {
  readonly folder: string;
  readonly names: readonly string[];
}

type Lists = { [List in (typeof LISTS)[number]]?: Listed };

interface Config {
  readonly lists: Lists;
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
  const known = new Map<string, Config | undefined>();
  const paths = new Set([configPath]);
  for (const path of paths) {
    const config = readConfig(path, known);
    if (config === undefined) return undefined;
    if (matches(config.lists, dirname(path), file)) return true;
    for (const other of config.references) if (paths.size < CONFIG_COUNT_MAX) paths.add(other);
  }
  return false;
}

/** @param known what was read; nothing for what is being read, as one that extends itself is not understood */
function readConfig(path: string, known: Map<string, Config | undefined>): Config | undefined {
  if (known.has(path) || known.size >= READ_COUNT_MAX) return known.get(path);
  known.set(path, undefined);
  const value = parseJsoncObject(readText(path) ?? "");
  if (value === undefined) return undefined;
  const folder = dirname(path);
  const bases = basesOf(value["extends"], folder).map((base) => readConfig(base, known)?.lists);
  const lists: Lists = Object.assign({}, ...bases);
  for (const name of LISTS) {
    const names = strings(value[name]);
    if (names === undefined) continue;
    if (name !== "files" && !isShort(names)) return undefined;
    lists[name] = { folder, names };
  }
  // Some frameworks write the base when they start: until then, what is said here counts.
  const isSaid = lists.files !== undefined || lists.include !== undefined;
  if (bases.includes(undefined) && !isSaid) return undefined;
  const config = { lists, references: referencesOf(value["references"], folder) };
  known.set(path, config);
  return config;
}

function isShort(patterns: readonly string[]): boolean {
  return (
    patterns.length <= PATTERN_COUNT_MAX &&
    patterns.every(({ length }) => length <= PATTERN_SIZE_MAX)
  );
}

function matches({ files, include, exclude }: Lists, folder: string, file: string): boolean {
  const isFile = files?.names.some((name) => resolve(files.folder, name) === file);
  if (isFile === true) return true;
  const isIn = (listed: Listed | undefined) =>
    listed?.names.some((pattern) => fits(listed.folder, pattern, file)) === true;
  const wanted = include ?? (files === undefined ? { folder, names: EVERYTHING } : undefined);
  return isIn(wanted) && !isIn(exclude) && !isIn(wanted && { ...wanted, names: OUTSIDE });
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

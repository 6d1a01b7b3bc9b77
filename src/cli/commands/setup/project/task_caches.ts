/**
 * Runners that keep the outputs of tasks, Turborepo and Nx: what has to be in their keys, so that a
 * flag that was flipped is a new build, and `bun-config exec` reaches the tasks. Pure.
 */

import { isObject } from "../../../../base/json.ts";
import { parseJsoncObject } from "../../../../base/jsonc.ts";
import { isSame } from "../../../../base/same.ts";
import type { Edit } from "./edit.ts";
import { addItems, removeItems } from "./json_text.ts";

/** What `exec` hands on. A strict runner drops what its settings do not name. */
const VARIABLES = ["BUN_OPTIONS", "IMMUCONFIG_*"];

interface Wanted {
  readonly path: readonly string[];
  readonly items: readonly string[];
}

/** @param name of the record's file, from the folder of turbo.json */
function wantedOf(name: string): Wanted[] {
  return [
    { path: ["globalDependencies"], items: [name] },
    { path: ["globalEnv"], items: VARIABLES },
  ];
}

/** Adds the file and the variables to Turborepo's keys. */
export function addToTurbo(text: string | undefined, name: string): Edit {
  if (text === undefined) return { text, notes: [] };
  return editTurbo(text, name, (current, { path, items }) => {
    const known = listAt(current, path);
    const missing = items.filter((item) => !known.includes(item));
    return missing.length === 0 ? current : addItems(current, path, missing);
  });
}

/** Takes them away. */
export function removeFromTurbo(text: string | undefined, name: string): Edit {
  if (text === undefined) return { text, notes: [] };
  return editTurbo(text, name, (current, { path, items }) => removeItems(current, path, items));
}

/** Whether Turborepo builds anew when the record changes, and hands our variables on. */
export function isInTurbo(text: string, name: string): boolean {
  return wantedOf(name).every(({ path, items }) => {
    const known = listAt(text, path);
    return items.every((item) => known.includes(item));
  });
}

/** The targets that nx.json caches, by whether a flip is in their keys. */
export interface NxTargets {
  readonly followed: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Nx takes its input `default` for no target that names no inputs: such a one knows the files of its
 * own project alone.
 *
 * @param text of nx.json
 * @param name of the record's file
 */
export function nxTargets(text: string, name: string): NxTargets {
  const { namedInputs, targetDefaults } = parseJsoncObject(text) ?? {};
  const named = isObject(namedInputs) ? namedInputs : {};
  const cached = Object.entries(isObject(targetDefaults) ? targetDefaults : {}).flatMap(
    ([target, settings]) =>
      isObject(settings) && settings["cache"] === true
        ? [{ target, inputs: settings["inputs"] }]
        : [],
  );
  // Plugins and projects define targets of their own, most of them with this input.
  const all = cached.length === 0 ? [{ target: "default", inputs: ["default"] }] : cached;
  const followers = followersOf(`{workspaceRoot}/${name}`, named);
  const isFollowed = ({ inputs }: (typeof all)[number]) =>
    pathsIn(inputs).some((path) => followers.has(path));
  return {
    followed: all.filter(isFollowed).map(({ target }) => target),
    kept: all.filter((each) => !isFollowed(each)).map(({ target }) => target),
  };
}

/** What a list of inputs names. */
function pathsIn(inputs: unknown): string[] {
  if (!Array.isArray(inputs)) return [];
  return inputs
    .map((input: unknown) => (isObject(input) ? input["fileset"] : input))
    .filter((path) => typeof path === "string");
}

/** A file, and the named inputs that name it, or one another: from its end, so that each is looked at once. */
function followersOf(file: string, named: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const namedBy = new Map<string, string[]>();
  for (const [name, inputs] of Object.entries(named)) {
    for (const path of pathsIn(inputs)) {
      const names = namedBy.get(path);
      if (names === undefined) namedBy.set(path, [name]);
      else names.push(name);
    }
  }
  const followers = new Set([file]);
  for (const path of followers) for (const name of namedBy.get(path) ?? []) followers.add(name);
  return followers;
}

/** What to add to nx.json, which has too many forms to be edited. */
export function nxNote(name: string, kept: readonly string[]): string {
  const targets = kept.filter((target) => target !== "default");
  const inputs =
    targets.length === 0
      ? ""
      : `, and "inputs": ["default", "^default"] into ${targets.join(", ")} of targetDefaults`;
  return `Nx keeps outputs across a flip: put "{workspaceRoot}/${name}", {"env": "BUN_OPTIONS"}, {"env": "IMMUCONFIG_FILE"} and {"env": "IMMUCONFIG_PIN"} into namedInputs.sharedGlobals of nx.json, and "sharedGlobals" into namedInputs.default${inputs}.`;
}

/**
 * Turborepo's settings: at the root, or where the scripts say.
 *
 * @param scripts of the root's package.json
 * @param exists tells of a path from the root
 */
export function turboFile(
  scripts: Readonly<Record<string, unknown>>,
  exists: (path: string) => boolean,
): string {
  const named = Object.values(scripts).flatMap((script) => {
    const path = typeof script === "string" ? ROOT_OPTION.exec(script)?.[1] : undefined;
    return path === undefined ? [] : [path];
  });
  return [...named, "turbo.json", "turbo.jsonc"].find(exists) ?? "turbo.json";
}

const ROOT_OPTION = /\s--root-turbo-json[=\s]\s*["']?([^\s"']+)/;

function editTurbo(
  text: string,
  name: string,
  edit: (text: string, wanted: Wanted) => string,
): Edit {
  const before = parseJsoncObject(text);
  const edited = wantedOf(name).reduce(edit, text);
  const after = parseJsoncObject(edited);
  const keys = new Set(["globalDependencies", "globalEnv"]);
  const others = (value: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(value).filter(([key]) => !keys.has(key)));
  if (before !== undefined && after !== undefined) {
    if (isSame(others(before), others(after))) return { text: edited, notes: [] };
  }
  const note = `It cannot be edited safely. Put "${name}" into globalDependencies, and ${VARIABLES.map((item) => `"${item}"`).join(" and ")} into globalEnv.`;
  return { text, notes: [note] };
}

function listAt(text: string, path: readonly string[]): readonly unknown[] {
  let value: unknown = parseJsoncObject(text);
  for (const key of path) value = isObject(value) ? value[key] : undefined;
  return Array.isArray(value) ? value : [];
}

/**
 * Runners that keep the outputs of tasks, Turborepo and Nx: what has to be in their keys, so that a
 * flag that was flipped is a new build, and `bun-config exec` reaches the tasks. Pure.
 */

import { isObject } from "../../../../base/json.ts";
import { isSame } from "../../../../base/same.ts";
import type { Edit } from "./edit.ts";
import { addItems, removeItems } from "./json_text.ts";
import { parseManifestObject } from "./manifest.ts";

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

/** Whether some input of Nx names the record's file. */
export function isInNx(text: string, name: string): boolean {
  return text.includes(`{workspaceRoot}/${name}`);
}

/** What to add to nx.json, which has too many forms to be edited. */
export function nxNote(name: string): string {
  return `Nx keeps outputs across a flip: put "{workspaceRoot}/${name}", {"env": "BUN_OPTIONS"} and {"env": "IMMUCONFIG_PIN"} into namedInputs.sharedGlobals of nx.json, and "sharedGlobals" into namedInputs.default.`;
}

function editTurbo(
  text: string,
  name: string,
  edit: (text: string, wanted: Wanted) => string,
): Edit {
  const before = parseManifestObject(text);
  const edited = wantedOf(name).reduce(edit, text);
  const after = parseManifestObject(edited);
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
  let value: unknown = parseManifestObject(text);
  for (const key of path) value = isObject(value) ? value[key] : undefined;
  return Array.isArray(value) ? value : [];
}

/** The rows of docs/security.md, and the tree's sources without what stops one. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LAYERS } from "./layers.ts";

export interface Attack {
  readonly name: string;
  /** Its file, and a part of its title. */
  readonly test: readonly [file: string, title: string];
  /** By path: the sources without the layer. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * @param root of the tree
 * @throws Error for a row without a layer, a layer without a row, and an edit whose place is not there
 */
export function attacks(root: string): Attack[] {
  const page = readFileSync(join(root, "docs", "security.md"), "utf8");
  const rows = [...page.matchAll(/^\| (.+?) +\| .+? +\| `(tests\/[^`]+)`: (.+?) +\|$/gm)];
  const unused = new Set(Object.keys(LAYERS));
  const found = rows.map(([, name = "", file = "", title = ""]): Attack => {
    const key = Object.keys(LAYERS).find((start) => name.startsWith(start));
    if (key === undefined) throw new Error(`no layer stops: ${name}`);
    unused.delete(key);
    return { name, test: [file, title], sources: without(root, key) };
  });
  if (unused.size > 0) throw new Error(`no such attack: ${[...unused].join(", ")}`);
  return found;
}

function without(root: string, key: string): Map<string, string> {
  const sources = new Map<string, string>();
  for (const { path, find, replace } of LAYERS[key] ?? []) {
    const text = sources.get(path) ?? readFileSync(join(root, path), "utf8");
    const at = text.indexOf(find);
    if (at === -1) throw new Error(`${path} has no ${find}`);
    sources.set(path, text.slice(0, at) + replace + text.slice(at + find.length));
  }
  return sources;
}

/** What a TOML text says, as far as its layout is understood. Pure. */

import { layoutOfToml } from "./toml_layout.ts";

type Tables = Record<string, unknown>;

/** What is in arrays of tables has no path of its own: it is kept as it is written, in its order. */
const IN_ARRAYS = "[]";

/**
 * @returns texts, lists of texts, booleans and whole numbers by their paths, and any other value as it
 * is written; undefined for a text that is not understood, or names a key twice
 */
export function valuesOfToml(text: string): Tables | undefined {
  const layout = layoutOfToml(text);
  if (layout === undefined) return undefined;
  const root: Tables = {};
  const inArrays: unknown[] = [];
  for (const { path } of layout.headers) if (tableAt(root, path) === undefined) return undefined;
  for (const { path, valueStart, valueEnd } of layout.entries) {
    const value = text.slice(valueStart, valueEnd);
    if (path.includes(IN_ARRAYS)) inArrays.push([path, value]);
    else if (!put(root, path, value)) return undefined;
  }
  if (inArrays.length > 0) root[IN_ARRAYS] = inArrays;
  return root;
}

function put(root: Tables, path: readonly string[], text: string): boolean {
  const table = tableAt(root, path.slice(0, -1));
  const key = path.at(-1);
  if (table === undefined || key === undefined || key === "__proto__") return false;
  if (Object.hasOwn(table, key)) return false;
  // Its entries follow.
  const value = text.startsWith("{") ? {} : valueOf(text);
  if (value === undefined) return false;
  table[key] = value;
  return true;
}

function tableAt(root: Tables, path: readonly string[]): Tables | undefined {
  let table = root;
  for (const key of path) {
    if (key === "__proto__") return undefined;
    const next: unknown = Object.hasOwn(table, key) ? table[key] : (table[key] = {});
    if (typeof next !== "object" || next === null || Array.isArray(next)) return undefined;
    table = next as Tables;
  }
  return table;
}

function valueOf(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
  if (/^(?:"""|''')/.test(text)) return text;
  return textOf(text) ?? textsOf(text) ?? (/^["']/.test(text) ? undefined : text);
}

/** Of a string on one line. */
function textOf(text: string): string | undefined {
  if (/^'[^'\n]*'$/.test(text)) return text.slice(1, -1);
  if (!/^"(?:[^"\\\n]|\\[btnfr"\\]|\\u[0-9a-fA-F]{4})*"$/.test(text)) return undefined;
  return text
    .slice(1, -1)
    .replaceAll(/\\(?:u(.{4})|(.))/g, (_, code: string | undefined, letter: string) =>
      code === undefined
        ? (ESCAPES[letter] ?? letter)
        : String.fromCharCode(Number.parseInt(code, 16)),
    );
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
};

const ITEM = /[\s,]+|#[^\n]*|'[^'\n]*'|"(?:[^"\\\n]|\\.)*"/y;

/** Of a list that holds strings alone. */
function textsOf(text: string): string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  const items: string[] = [];
  ITEM.lastIndex = 1;
  for (;;) {
    const at = ITEM.lastIndex;
    const [part] = ITEM.exec(text) ?? [];
    if (part === undefined) return at === text.length - 1 ? items : undefined;
    if (!/^["']/.test(part)) continue;
    const item = textOf(part);
    if (item === undefined) return undefined;
    items.push(item);
  }
}

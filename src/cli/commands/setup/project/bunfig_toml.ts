/**
 * Our preload in bunfig.toml, edited as text so that comments and layout stay. Every edit is
 * believed only when parsing shows that exactly the wanted change happened. What is added has a form
 * that tells what was there before, so that it can be taken away to the byte. Pure.
 */

import { isSame } from "../../../../base/same.ts";
import { splice } from "../../../../base/text.ts";
import { parseToml } from "../../../../base/toml.ts";
import { appendLines, dropLines, type Edit, insertBelow, newlineOf } from "./edit.ts";
import {
  tomlAt,
  layoutOfToml,
  type TomlEntry,
  type TomlLayout,
} from "../../../../base/toml_layout.ts";

/**
 * By a path: Bun reads bunfig.toml for every executable that `bun build --compile` made, too, and
 * such an executable finds no package by its name.
 */
const PRELOAD_FILE = "node_modules/immuconfig/dist/register.js";

/** The preload as bunfig.toml names it. */
export const PRELOAD = `./${PRELOAD_FILE}`;

/** `bun test` reads its own table and not the preload at the top. */
const TABLES = ["top", "test"] as const;
const TEST_HEADER = "[test]";

type Table = (typeof TABLES)[number];
type Toml = Readonly<Record<string, unknown>>;

/** @returns undefined when the text is not TOML */
export function parseIfToml(text: string): Toml | undefined {
  try {
    return parseToml(text.replace(/^\uFEFF/, "")) as Toml;
  } catch {
    return undefined;
  }
}

/**
 * Puts our preload in front of the others, for programs and for tests.
 *
 * @param preload where it is from the file's folder
 */
export function addPreload(text: string | undefined, preload: string = PRELOAD): Edit {
  const toml = parseIfToml(text ?? "");
  // Another path, or the package's name: it is taken out first.
  const isOther = TABLES.some((table) =>
    preloads(toml ?? {}, table).some((name) => isOurs(name) && name !== preload),
  );
  const start = isOther ? removePreload(text) : { text, notes: [] };
  return editTables(start, TABLES, (current, table) => ({
    text: addTo(current, table, preload),
    isDone: (list) => list.includes(preload),
    wanted: (list) => [preload, ...list],
    byHand: `Put "${preload}" first into`,
  }));
}

/** Takes our preload away. */
export function removePreload(text: string | undefined): Edit {
  if (text === undefined) return { text, notes: [] };
  return editTables({ text, notes: [] }, TABLES.toReversed(), (current, table) => ({
    text: removeFrom(current ?? "", table),
    isDone: (list) => !list.some(isOurs),
    wanted: (list) => list.filter((name) => !isOurs(name)),
    byHand: `Take "${PRELOAD}" out of`,
  }));
}

/** Which of the two places load us, and how. */
export function ourPreloads(toml: Toml): Readonly<Record<Table, string | undefined>> {
  const ours = (table: Table) => {
    const found = preloads(toml, table).find(isOurs);
    return typeof found === "string" ? found : undefined;
  };
  return { top: ours("top"), test: ours("test") };
}

function isOurs(name: unknown): boolean {
  return (
    name === "immuconfig/register" || (typeof name === "string" && name.endsWith(PRELOAD_FILE))
  );
}

interface TableEdit {
  readonly text: string | undefined;
  readonly isDone: (list: readonly unknown[]) => boolean;
  readonly wanted: (list: readonly unknown[]) => readonly unknown[];
  readonly byHand: string;
}

function editTables(
  start: Edit,
  tables: readonly Table[],
  edit: (text: string | undefined, table: Table) => TableEdit,
): Edit {
  return tables.reduce<Edit>(({ text, notes }, table) => {
    const toml = parseIfToml(text ?? "");
    const { text: edited, isDone, wanted, byHand } = edit(text, table);
    if (toml !== undefined && isDone(preloads(toml, table))) return { text, notes };
    const after = parseIfToml(edited ?? "");
    if (toml !== undefined && after !== undefined) {
      const list = wanted(preloads(toml, table));
      const isExact =
        isSame(preloads(after, table), list) &&
        isSame(withoutPreload(after, table), withoutPreload(toml, table));
      if (isExact) return { text: edited, notes };
    }
    const where = table === "top" ? "at the top" : `under ${TEST_HEADER}`;
    return {
      text,
      notes: [...notes, `It cannot be edited safely. ${byHand} preload ${where}.`],
    };
  }, start);
}

/** All that an edit of the table's preload must leave alone. */
function withoutPreload(toml: Toml, table: Table): Toml {
  const { preload: _, ...top } = toml;
  if (table === "top") return top;
  const { preload: __, ...test } = tableOf(toml, "test");
  const { test: ___, ...others } = toml;
  return Object.keys(test).length === 0 ? others : { ...others, test };
}

function tableOf(toml: Toml, table: Table): Toml {
  if (table === "top") return toml;
  const value = toml["test"];
  return typeof value === "object" && value !== null ? (value as Toml) : {};
}

function preloads(toml: Toml, table: Table): readonly unknown[] {
  const value = tableOf(toml, table)["preload"];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function entryOf({ entries }: TomlLayout, table: Table): TomlEntry | undefined {
  return table === "top" ? tomlAt(entries, "preload") : tomlAt(entries, "test", "preload");
}

/**
 * The line of a key that is new, and the one in a `[test]` that was there before. Without brackets:
 * some linters want blanks in them, and some formatters take those away.
 */
function newLine(preload: string): string {
  return `preload = ${JSON.stringify(preload)}`;
}
function lineInTest(preload: string): string {
  return `preload = '${preload}'`;
}

/** The same line with a list of one, as people write it. */
function listLine(preload: string): string {
  return `preload = [${JSON.stringify(preload)}]`;
}

function splitMark(text: string): readonly [mark: string, body: string] {
  return text.startsWith("\uFEFF") ? ["\uFEFF", text.slice(1)] : ["", text];
}

function addTo(text: string | undefined, table: Table, preload: string): string | undefined {
  if (text === undefined || text === "") return appendLines(text, [newLine(preload)]);
  const [mark, body] = splitMark(text);
  const layout = layoutOfToml(body);
  if (layout === undefined) return text;
  const entry = entryOf(layout, table);
  if (entry !== undefined) {
    const { valueStart, valueEnd } = entry;
    const value = addToValue(body.slice(valueStart, valueEnd), preload);
    return mark + splice(body, valueStart, valueEnd, value);
  }
  if (table === "top") return mark + newLine(preload) + newlineOf(text) + body;
  return mark + addToTest(body, layout, preload);
}

function addToTest(body: string, layout: TomlLayout, preload: string): string {
  const newline = newlineOf(body);
  const header = tomlAt(layout.headers, "test");
  if (header !== undefined) return insertBelow(body, header, lineInTest(preload));
  const inline = tomlAt(layout.entries, "test");
  if (inline !== undefined) {
    const start = inline.valueStart + 1;
    const isEmpty = /^\s*\}/.test(body.slice(start));
    return splice(body, start, start, isEmpty ? newLine(preload) : ` ${newLine(preload)},`);
  }
  const dotted = layout.entries.find(
    ({ path, start }) => path[0] === "test" && start < layout.rootEnd,
  );
  if (dotted !== undefined) {
    return splice(body, dotted.start, dotted.start, `test.${newLine(preload)}${newline}`);
  }
  return appendLines(body, ["", TEST_HEADER, newLine(preload)]);
}

/** A list, or the one preload that stands for a list. */
function addToValue(value: string, preload: string): string {
  const ours = JSON.stringify(preload);
  if (!value.startsWith("[")) return `[ ${ours}, ${value} ]`;
  if (/^\[\s*\]$/.test(value)) return `[${ours},${value.slice(1)}`;
  const broken = /^\[(\r?\n[ \t]*)/.exec(value)?.[1];
  if (broken !== undefined) return `[${broken}${ours},${value.slice(1)}`;
  return `[${ours}, ${value.slice(1)}`;
}

function removeFrom(text: string, table: Table): string | undefined {
  const [mark, body] = splitMark(text);
  const layout = layoutOfToml(body);
  const entry = layout && entryOf(layout, table);
  const ours = parseIfToml(body);
  const preload = ours && ourPreloads(ours)[table];
  if (entry === undefined || preload === undefined) return text;
  const lines = [newLine(preload), listLine(preload)];
  for (const line of table === "test" ? lines : []) {
    const shorter = dropLines(body, ["", TEST_HEADER, line])?.text;
    if (shorter !== undefined) return mark + shorter;
  }
  const value = body.slice(entry.valueStart, entry.valueEnd);
  const quoted = JSON.stringify(preload);
  if (![quoted, `'${preload}'`, `[${quoted}]`, `[ ${quoted} ]`].includes(value)) {
    return mark + splice(body, entry.valueStart, entry.valueEnd, removeFromValue(value, quoted));
  }
  const isAll = lines.some((line) => mark + body === line + newlineOf(body));
  return isAll ? undefined : mark + removeEntry(body, entry);
}

/** Takes the whole key away: its line, or its place in an inline table. */
function removeEntry(body: string, { start, valueEnd }: TomlEntry): string {
  const lineStart = body.lastIndexOf("\n", start - 1) + 1;
  if (body.slice(lineStart, start).trim() !== "") {
    const isBlankBefore = body[start - 1] === " ";
    const comma = body[valueEnd] === "," ? 1 : 0;
    return splice(body, isBlankBefore && comma === 1 ? start - 1 : start, valueEnd + comma, "");
  }
  const lineEnd = body.indexOf("\n", valueEnd);
  if (lineEnd !== -1) return splice(body, lineStart, lineEnd + 1, "");
  return body.slice(0, lineStart).replace(/\r?\n$/, "");
}

function removeFromValue(value: string, quoted: string): string {
  const single = `[ ${quoted}, `;
  if (value.startsWith(single) && value.endsWith(" ]")) return value.slice(single.length, -2);
  const isOnly = value.startsWith(`[${quoted},`) && /^,\s*\]$/.test(value.slice(quoted.length + 1));
  if (!isOnly && value.startsWith(`[${quoted}, `)) return `[${value.slice(quoted.length + 3)}`;
  if (value.startsWith(`[${quoted},`)) return `[${value.slice(quoted.length + 2)}`;
  const start = value.indexOf(quoted);
  if (start === -1) return value;
  // In a broken list, the line end before our entry goes with it.
  const before = value.slice(0, start).replace(/\r?\n[ \t]*$/, "");
  const after = value.slice(start + quoted.length);
  return after.startsWith(",") ? before + after.slice(1) : before.replace(/,\s*$/, "") + after;
}

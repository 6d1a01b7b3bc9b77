/**
 * Our preload in bunfig.toml, edited as text so that comments and layout stay. Every edit is
 * believed only when parsing shows that exactly the wanted change happened. Pure.
 */

import { appendLines, dropLines, type Edit, newlineOf } from "./edit.ts";

export const PRELOAD = "immuconfig/register";

const LINE = `preload = ["${PRELOAD}"]`;
/** `bun test` reads its own table and not the preload at the top. */
const TEST_HEADER = "[test]";
const TABLES = ["top", "test"] as const;

type Table = (typeof TABLES)[number];
type Toml = Readonly<Record<string, unknown>>;

/** @returns undefined when the text is not TOML */
export function parseToml(text: string): Toml | undefined {
  try {
    return Bun.TOML.parse(text.replace(/^\uFEFF/, "")) as Toml;
  } catch {
    return undefined;
  }
}

/** Puts our preload in front of the others, for programs and for tests. */
export function addPreload(text: string | undefined): Edit {
  return TABLES.reduce((edit, table) => editTable(edit, table, true), unedited(text ?? ""));
}

/** Takes our preload away. */
export function removePreload(text: string | undefined): Edit {
  if (text === undefined) return { text, notes: [] };
  const edit = TABLES.toReversed().reduce(
    (current, table) => editTable(current, table, false),
    unedited(text),
  );
  return edit.text === "" && text !== "" ? { ...edit, text: undefined } : edit;
}

/** Which of the two places load us. */
export function preloadedTables(toml: Toml): Readonly<Record<Table, boolean>> {
  return {
    top: preloads(toml, "top").includes(PRELOAD),
    test: preloads(toml, "test").includes(PRELOAD),
  };
}

function unedited(text: string): { text: string; notes: readonly string[] } {
  return { text, notes: [] };
}

function editTable(edit: ReturnType<typeof unedited>, table: Table, isWanted: boolean) {
  const { text, notes } = edit;
  const toml = parseToml(text);
  if (toml !== undefined && preloads(toml, table).includes(PRELOAD) === isWanted) return edit;
  const edited = isWanted ? addTo(text, table) : removeFrom(text, table);
  const after = parseToml(edited);
  if (toml !== undefined && Bun.deepEquals(after, wantedToml(toml, table, isWanted))) {
    return { text: edited, notes };
  }
  const where = table === "top" ? "at the top" : `under ${TEST_HEADER}`;
  const what = isWanted ? `Put "${PRELOAD}" first into` : `Take "${PRELOAD}" out of`;
  return { text, notes: [...notes, `It cannot be edited safely. ${what} preload ${where}.`] };
}

/** The parsed file after the edit: empty lists and tables are gone. */
function wantedToml(toml: Toml, table: Table, isWanted: boolean): Toml {
  const rest = preloads(toml, table).filter((name) => name !== PRELOAD);
  const list = isWanted ? [PRELOAD, ...rest] : rest;
  if (table === "top") return withList(toml, list);
  const test = withList(tableOf(toml, "test"), list);
  const { test: _, ...others } = toml;
  return Object.keys(test).length === 0 ? others : { ...others, test };
}

function withList(toml: Toml, list: readonly unknown[]): Toml {
  const { preload: _, ...others } = toml;
  return list.length === 0 ? others : { ...others, preload: list };
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

/** Where a table's lines are in the text. */
function rangeOf(text: string, table: Table): { start: number; end: number } | undefined {
  const header = /^[ \t]*\[test\][ \t]*(?:#.*)?(?:\r?\n|$)/m.exec(text);
  if (table === "test" && header === null) return undefined;
  const start = table === "test" && header !== null ? header.index + header[0].length : 0;
  const next = /^[ \t]*\[[^\n]*\][ \t]*(?:#.*)?\r?$/m.exec(text.slice(start));
  return { start, end: next === null ? text.length : start + next.index };
}

/** Where the value of `preload` starts in a table. */
function valueStart(text: string, table: Table): number | undefined {
  const range = rangeOf(text, table);
  if (range === undefined) return undefined;
  const match = /^[ \t]*preload[ \t]*=[ \t]*/m.exec(text.slice(range.start, range.end));
  return match === null ? undefined : range.start + match.index + match[0].length;
}

function addTo(text: string, table: Table): string {
  const at = valueStart(text, table);
  if (at !== undefined) return addToValue(text, at);
  if (table === "top") return LINE + newlineOf(text) + text;
  const range = rangeOf(text, table);
  if (range === undefined) {
    return appendLines(text, text === "" ? [TEST_HEADER, LINE] : ["", TEST_HEADER, LINE]);
  }
  const newline = newlineOf(text);
  const head = text.slice(0, range.start);
  return head.endsWith("\n")
    ? head + LINE + newline + text.slice(range.start)
    : head + newline + LINE;
}

function addToValue(text: string, at: number): string {
  const head = text.slice(0, at);
  const value = text.slice(at);
  const ours = `"${PRELOAD}"`;
  if (/^\[\s*\]/.test(value)) return head + value.replace(/^\[\s*\]/, `[${ours}]`);
  const broken = /^\[(\r?\n[ \t]*)/.exec(value)?.[1];
  if (broken !== undefined) return `${head}[${broken}${ours},${value.slice(1)}`;
  if (value.startsWith("[")) return `${head}[${ours}, ${value.slice(1)}`;
  return head + value.replace(/^(?:"[^"\n]*"|'[^'\n]*')/, (single) => `[${ours}, ${single}]`);
}

function removeFrom(text: string, table: Table): string {
  if (table === "test") {
    const shorter =
      dropLines(text, ["", TEST_HEADER, LINE])?.text ??
      (text === TEST_HEADER + newlineOf(text) + LINE + newlineOf(text) ? "" : undefined);
    if (shorter !== undefined) return shorter;
  }
  const at = valueStart(text, table);
  if (at === undefined) return text;
  const head = text.slice(0, at);
  const value = text.slice(at);
  const line = /^\["immuconfig\/register"\][ \t]*(\r?\n|$)/.exec(value);
  if (line === null) {
    return (
      head + value.replace(/^\[((?:\s|[^\]"'#])*?)"immuconfig\/register",(?: |(?=\r?\n))/, keepGap)
    );
  }
  const lineStart = head.lastIndexOf("\n") + 1;
  if (line[1] !== "") return text.slice(0, lineStart) + value.slice(line[0].length);
  return text.slice(0, lineStart).replace(/\r?\n$/, "");
}

/** In a broken list, the line end before our entry goes with it. */
function keepGap(_: string, gap: string): string {
  return `[${gap.replace(/\r?\n[ \t]*$/, "")}`;
}

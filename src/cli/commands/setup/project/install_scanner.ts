/**
 * Our scanner in bunfig.toml, and the file that it names, for a bare `bun install`. The file lies in
 * the project: Bun asks the scanner before anything is installed. As with the preload, an edit is
 * believed only when parsing shows that exactly the wanted change happened. Pure.
 */

import { isObject } from "../../../../base/json.ts";
import { isSame } from "../../../../base/same.ts";
import { quote } from "../../../../base/text.ts";
import { parseIfToml } from "./bunfig_toml.ts";
import { appendLines, dropLines, type Edit, insertBelow, newlineOf } from "./edit.ts";
import { IGNORE, type TypesStyle } from "../../../files/type_declarations.ts";
import { tomlAt, layoutOfToml } from "../../../../base/toml_layout.ts";

export const SCANNER_FILE = "immuconfig-gate.mjs";

const VALUE = `"./${SCANNER_FILE}"`;
/** The line under a header that is new, and the one in a table that was there before. */
const LINE = `scanner = ${VALUE}`;
const LINE_IN_TABLE = `scanner=${VALUE}`;
const HEADER = "[install.security]";
const BLOCK = ["", HEADER, LINE];
const BY_HAND = "It cannot be edited safely.";

const TEXT_START = "// Written by `bun-config init --gate`.";

/** Whether a text is one of ours, of whatever version, also when a formatter has had it. */
export function isScannerText(text: string): boolean {
  return text.startsWith(TEXT_START);
}

/**
 * What Bun loads. Where immuconfig is not installed yet, there is nothing to check with.
 *
 * @param style in which formatters of the project pass the text
 */
export function scannerText({ quote: mark, end, indent }: TypesStyle): string {
  const text = (value: string): string => mark + value + mark;
  return `${TEXT_START} Bun asks this file before it installs; \`bun-config init --undo\`
// takes it away. It catches mistakes and is no gate: \`bun-config install\` is one.
// biome-ignore-all format: written by a program
import console from ${text("node:console")}${end}
import { existsSync } from ${text("node:fs")}${end}
import { URL } from ${text("node:url")}${end}

${IGNORE}
const checks = new URL(${text("./node_modules/immuconfig/dist/cli/commands/install/scanner.js")}, import.meta.url)${end}

${IGNORE}
export const scanner = existsSync(checks) ? (await import(checks.href)).scanner : {
${indent}version: ${text("1")},
${indent}async scan() {
${indent}${indent}console.error(${text("immuconfig is not installed yet: this install is not checked (bun-config install is)")})${end}
${indent}${indent}return []${end}
${indent}},
}${end}
`;
}

/** Names our scanner; another one stays. */
export function addScanner(text: string | undefined): Edit {
  const toml = parseIfToml(text ?? "");
  if (toml === undefined) return { text, notes: [`${BY_HAND} Put ${LINE} under ${HEADER}.`] };
  const named = scannerOf(toml);
  if (named === `./${SCANNER_FILE}`) return { text, notes: [] };
  if (named !== undefined) {
    return { text, notes: [`It names another scanner, which stays: ${quote(named)}.`] };
  }
  const edited = withLine(text);
  const after = edited === undefined ? undefined : parseIfToml(edited);
  const isExact =
    after !== undefined && scannerOf(after) !== undefined && isSame(without(after), without(toml));
  return isExact
    ? { text: edited, notes: [] }
    : { text, notes: [`${BY_HAND} Put ${LINE} under ${HEADER}.`] };
}

/** Takes our scanner away. */
export function removeScanner(text: string | undefined): Edit {
  const toml = parseIfToml(text ?? "");
  if (text === undefined || toml === undefined) return { text, notes: [] };
  if (scannerOf(toml) !== `./${SCANNER_FILE}`) return { text, notes: [] };
  const shorter = withoutLine(text) ?? withoutBlock(text);
  const after = shorter === undefined ? undefined : parseIfToml(shorter.text ?? "");
  const isExact =
    after !== undefined && scannerOf(after) === undefined && isSame(without(after), without(toml));
  if (shorter !== undefined && isExact) return { text: shorter.text, notes: [] };
  return { text, notes: [`${BY_HAND} Take ${LINE} out of ${HEADER}.`] };
}

function withLine(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return appendLines(text, BLOCK.slice(1));
  const layout = layoutOfToml(text);
  if (layout === undefined) return undefined;
  const header = tomlAt(layout.headers, "install", "security");
  return header === undefined ? appendLines(text, BLOCK) : insertBelow(text, header, LINE_IN_TABLE);
}

/** The header with its line, wherever it stands by now. */
function withoutBlock(text: string): { readonly text: string | undefined } | undefined {
  const newline = newlineOf(text);
  for (const lines of [BLOCK, BLOCK.slice(1)]) {
    const last = dropLines(text, lines);
    if (last !== undefined) return last;
  }
  for (const lines of [BLOCK, BLOCK.slice(1)]) {
    const block = lines.join(newline) + newline;
    if (text.startsWith(block)) return { text: text.slice(block.length) };
    const before = text.indexOf(newline + block);
    if (before === -1) continue;
    const start = before + newline.length;
    return { text: text.slice(0, start) + text.slice(start + block.length) };
  }
  return undefined;
}

/** The line in a table that was there before. */
function withoutLine(text: string): { readonly text: string } | undefined {
  const entry = tomlAt(layoutOfToml(text)?.entries ?? [], "install", "security", "scanner");
  if (entry === undefined || text.slice(entry.start, entry.valueEnd) !== LINE_IN_TABLE)
    return undefined;
  const newline = newlineOf(text);
  const end = text.startsWith(newline, entry.valueEnd)
    ? entry.valueEnd + newline.length
    : undefined;
  if (end !== undefined) return { text: text.slice(0, entry.start) + text.slice(end) };
  return entry.valueEnd === text.length
    ? { text: text.slice(0, entry.start - newline.length) }
    : undefined;
}

type Toml = Readonly<Record<string, unknown>>;

function tableOf(toml: Toml, name: string): Toml {
  const value = toml[name];
  return isObject(value) ? value : {};
}

function scannerOf(toml: Toml): unknown {
  return tableOf(tableOf(toml, "install"), "security")["scanner"];
}

/** All that an edit must leave alone: an empty table says as much as none. */
function without(toml: Toml): Toml {
  const { install: _, ...rest } = toml;
  const { security: __, ...install } = tableOf(toml, "install");
  const { scanner: ___, ...security } = tableOf(tableOf(toml, "install"), "security");
  const kept = Object.keys(security).length === 0 ? install : { ...install, security };
  return Object.keys(kept).length === 0 ? rest : { ...rest, install: kept };
}

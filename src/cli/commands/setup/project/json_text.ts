/**
 * Changes members of a JSON text without touching the rest of it: indentation, order, line ends and
 * comments stay. The text must be valid JSON, or JSON with comments and trailing commas. Each text is
 * read once, from front to back. Pure.
 */

import { splice } from "../../../../base/text.ts";

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

interface Member {
  readonly key: Token;
  readonly valueStart: number;
  readonly valueEnd: number;
}

interface JsonObject {
  readonly start: number;
  /** After the closing brace. */
  readonly end: number;
  readonly members: readonly Member[];
  /** How many objects this one lies in. */
  readonly depth: number;
}

/** @returns the text of a member's value; undefined when there is none */
export function readMember(text: string, path: readonly string[]): string | undefined {
  const member = findMember(text, path);
  return member === undefined ? undefined : text.slice(member.valueStart, member.valueEnd);
}

/** @returns the names of an object's members, in their order */
export function memberNames(text: string, path: readonly string[]): string[] {
  return (findObject(text, path)?.members ?? []).map(nameOf);
}

/**
 * Sets a member; the object that is to hold it must be there.
 *
 * @param value JSON text
 */
export function setMember(text: string, path: readonly string[], value: string): string {
  const existing = findMember(text, path);
  if (existing !== undefined) {
    return splice(text, existing.valueStart, existing.valueEnd, value);
  }
  const object = findObject(text, path.slice(0, -1));
  if (object === undefined) return text;
  const key = JSON.stringify(path.at(-1));
  const { newline, unit, colon } = style(text);
  const last = object.members.at(-1);
  if (last !== undefined) {
    const gap = blanksBefore(text, last.key.start);
    return splice(text, last.valueEnd, last.valueEnd, `,${gap}${key}${colon}${value}`);
  }
  const inner = newline === "" ? "" : newline + unit.repeat(object.depth + 1);
  const outer = newline === "" ? "" : newline + unit.repeat(object.depth);
  return splice(text, object.start, object.end, `{${inner}${key}${colon}${value}${outer}}`);
}

/**
 * Sets the members of an object in one reading, however many they are.
 *
 * @param edit gives the text of a member's value, by its name and the text that it has
 */
export function editMembers(
  text: string,
  path: readonly string[],
  edit: (name: string, value: string) => string,
): string {
  const counting = new Map<string, Member>();
  for (const member of findObject(text, path)?.members ?? []) {
    const name = nameOf(member);
    // Of two of one name the last one counts: it stands behind what came in between.
    counting.delete(name);
    counting.set(name, member);
  }
  let edited = "";
  let at = 0;
  for (const [name, { valueStart, valueEnd }] of counting) {
    const value = text.slice(valueStart, valueEnd);
    edited += text.slice(at, valueStart) + edit(name, value);
    at = valueEnd;
  }
  return edited + text.slice(at);
}

/** Removes a member that is there, and its comma. */
export function removeMember(text: string, path: readonly string[]): string {
  const object = findObject(text, path.slice(0, -1));
  const index = lastIndexOf(object?.members ?? [], path.at(-1) ?? "");
  const member = object?.members[index];
  if (object === undefined || member === undefined) return text;
  const before = object.members[index - 1];
  const after = object.members[index + 1];
  if (after !== undefined) return splice(text, member.key.start, after.key.start, "");
  if (before !== undefined) return splice(text, before.valueEnd, member.valueEnd, "");
  return splice(text, object.start, object.end, "{}");
}

/**
 * Adds texts to the end of a list, which need not be there. The result says whether it was, and
 * whether it was empty.
 */
export function addItems(text: string, path: readonly string[], items: readonly string[]): string {
  const added = items.map((item) => JSON.stringify(item)).join(", ");
  const value = readMember(text, path);
  if (value === undefined) return setMember(text, path, `[${added}]`);
  if (!value.startsWith("[")) return text;
  if (/^\[\s*\]$/.test(value)) return setMember(text, path, `[${added} ]`);
  // In front of a comma and of comments that end the list.
  const last = itemsOf(value).at(-1);
  if (last === undefined) return setMember(text, path, `[${added}${value.slice(1)}`);
  // One a line where the last one has its own.
  const blanks = value[last.start] === '"' ? blanksBefore(value, last.start) : "";
  const gap = /\r?\n[ \t]*$/.exec(blanks)?.[0] ?? " ";
  const more = items.map((item) => `,${gap}${JSON.stringify(item)}`).join("");
  return setMember(text, path, splice(value, last.end, last.end, more));
}

/** Takes texts away that {@link addItems} added. */
export function removeItems(
  text: string,
  path: readonly string[],
  items: readonly string[],
): string {
  const added = items.map((item) => JSON.stringify(item));
  const value = readMember(text, path);
  if (value === undefined) return text;
  const list = added.join(", ");
  if (value === `[${list}]`) return removeMember(text, path);
  if (value === `[${list} ]`) return setMember(text, path, "[]");
  const all = itemsOf(value);
  const first = all.findIndex((_, index) =>
    added.every((item, offset) => {
      const { start, end } = all[index + offset] ?? { start: 0, end: 0 };
      return value.slice(start, end) === item;
    }),
  );
  if (first === -1) return text;
  const start = all[first - 1]?.end ?? 1;
  const end = all[first + items.length - 1]?.end ?? start;
  return setMember(text, path, splice(value, start, end, ""));
}

/** Where the items of a list lie in its text. */
function itemsOf(list: string): { readonly start: number; readonly end: number }[] {
  const tokens = tokensOf(list);
  const found = [];
  let index = 1;
  for (let token = tokens[index]; token !== undefined; token = tokens[index]) {
    if (token.text === "]") break;
    const after = token.text === "," ? index + 1 : skipValue(tokens, index);
    const last = tokens[after - 1] ?? token;
    if (token.text !== ",") found.push({ start: token.start, end: last.end });
    index = after;
  }
  return found;
}

/** How the text is laid out, by its first member. */
function style(text: string): { newline: string; unit: string; colon: string } {
  const first = findObject(text, [])?.members[0];
  if (first === undefined) return { newline: "\n", unit: "  ", colon: ": " };
  const gap = blanksBefore(text, first.key.start);
  const lineStart = gap.lastIndexOf("\n") + 1;
  const newline = lineStart === 0 ? "" : gap.endsWith("\r\n", lineStart) ? "\r\n" : "\n";
  return {
    newline,
    unit: gap.slice(lineStart).replaceAll("\r", ""),
    colon: text.slice(first.key.end, first.valueStart),
  };
}

const BLANK = /\s/;

/** The white space that ends at an offset. */
function blanksBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && BLANK.test(text[start - 1] ?? "")) start -= 1;
  return text.slice(start, end);
}

function findMember(text: string, path: readonly string[]): Member | undefined {
  const members = findObject(text, path.slice(0, -1))?.members ?? [];
  return members[lastIndexOf(members, path.at(-1) ?? "")];
}

function nameOf({ key }: Member): string {
  return String(JSON.parse(key.text));
}

/** Of two members of one name the last one counts, as for JSON.parse. */
function lastIndexOf(members: readonly Member[], name: string): number {
  return members.findLastIndex((member) => nameOf(member) === name);
}

function findObject(text: string, path: readonly string[]): JsonObject | undefined {
  const tokens = tokensOf(text);
  let object = readObject(tokens, 0, 0);
  for (const [depth, name] of path.entries()) {
    const member = object?.members[lastIndexOf(object.members, name)];
    if (member === undefined) return undefined;
    const at = tokens.findIndex(({ start }) => start === member.valueStart);
    object = readObject(tokens, at, depth + 1);
  }
  return object;
}

const SIGNS = "{}[],:";
/** What lies between two tokens: white space, a byte order mark, comments. */
const GAP = /(?:[\s\uFEFF]+|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
const WORD = /[^\s{}[\],:"/]+/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = matchEnd(GAP, text, 0); at < text.length;) {
    const sign = text[at] ?? "";
    // A text that cannot be read is left at its first sign that fits nothing.
    const end = SIGNS.includes(sign)
      ? at + 1
      : sign === '"'
        ? stringEnd(text, at)
        : Math.max(at + 1, matchEnd(WORD, text, at));
    tokens.push({ text: text.slice(at, end), start: at, end });
    at = matchEnd(GAP, text, end);
  }
  return tokens;
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function readObject(tokens: readonly Token[], at: number, depth: number): JsonObject | undefined {
  const open = tokens[at];
  if (open?.text !== "{") return undefined;
  const members: Member[] = [];
  let index = at + 1;
  while (index < tokens.length) {
    const key = tokens[index];
    if (key === undefined) return undefined;
    if (key.text === "}") return { start: open.start, end: key.end, members, depth };
    if (key.text === ",") {
      index += 1;
      continue;
    }
    const value = tokens[index + 2];
    const afterValue = skipValue(tokens, index + 2);
    const last = tokens[afterValue - 1];
    if (value === undefined || last === undefined) return undefined;
    members.push({ key, valueStart: value.start, valueEnd: last.end });
    index = afterValue;
  }
  return undefined;
}

/** @returns the index of the token after the value that starts at `index` */
function skipValue(tokens: readonly Token[], index: number): number {
  let depth = 0;
  for (let at = index; at < tokens.length; at++) {
    const text = tokens[at]?.text ?? "";
    if (text === "{" || text === "[") depth += 1;
    if (text === "}" || text === "]") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return tokens.length;
}

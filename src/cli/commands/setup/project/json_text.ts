/**
 * Changes members of a JSON text without touching the rest of it: indentation, order and line
 * ends stay. The text must be valid JSON. Pure.
 */

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

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** @returns the text of a member's value; undefined when there is none */
export function readMember(text: string, path: readonly string[]): string | undefined {
  const member = findMember(text, path);
  return member === undefined ? undefined : text.slice(member.valueStart, member.valueEnd);
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
    const gap = /\s*$/.exec(text.slice(0, last.key.start))?.[0] ?? "";
    return splice(text, last.valueEnd, last.valueEnd, `,${gap}${key}${colon}${value}`);
  }
  const inner = newline === "" ? "" : newline + unit.repeat(object.depth + 1);
  const outer = newline === "" ? "" : newline + unit.repeat(object.depth);
  return splice(text, object.start, object.end, `{${inner}${key}${colon}${value}${outer}}`);
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

function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** How the text is laid out, by its first member. */
function style(text: string): { newline: string; unit: string; colon: string } {
  const first = findObject(text, [])?.members[0];
  if (first === undefined) return { newline: "\n", unit: "  ", colon: ": " };
  const gap = /(\r?\n)?[ \t]*$/.exec(text.slice(0, first.key.start)) ?? ["", ""];
  const newline = gap[1] ?? "";
  return {
    newline,
    unit: newline === "" ? "" : gap[0].slice(newline.length),
    colon: text.slice(first.key.end, first.valueStart),
  };
}

function findMember(text: string, path: readonly string[]): Member | undefined {
  const members = findObject(text, path.slice(0, -1))?.members ?? [];
  return members[lastIndexOf(members, path.at(-1) ?? "")];
}

/** Of two members of one name the last one counts, as for JSON.parse. */
function lastIndexOf(members: readonly Member[], name: string): number {
  return members.findLastIndex(({ key }) => JSON.parse(key.text) === name);
}

function findObject(text: string, path: readonly string[]): JsonObject | undefined {
  const tokens = [...text.matchAll(TOKEN)].map(([token], index, all) => {
    const start = all[index]?.index ?? 0;
    return { text: token, start, end: start + token.length };
  });
  let at = 0;
  let object = readObject(tokens, at, 0);
  for (const [depth, name] of path.entries()) {
    const member = object?.members[lastIndexOf(object.members, name)];
    if (member === undefined) return undefined;
    at = tokens.findIndex(({ start }) => start === member.valueStart);
    object = readObject(tokens, at, depth + 1);
  }
  return object;
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

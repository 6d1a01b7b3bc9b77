/** Elements of a markup, as far as one must know them to find where they end. Pure and linear. */

import { escapePattern } from "../../../base/text.ts";
import type { Span } from "../position.ts";

/** An element, or a comment, whose name is `!--`. */
export interface Element {
  /** In lower case. */
  readonly name: string;
  /** The text of its first tag, without the name. */
  readonly tag: string;
  readonly whole: Span;
  /** What stands between its tags; nothing for one without. */
  readonly content?: Span;
}

const COMMENT = "<!--";
const NAME = /<([a-z][^\s/>]*)/iy;

/**
 * @param at of its `<`
 * @returns nothing where it has no end
 */
export function findElement(code: string, at: number): Element | undefined {
  if (code.startsWith(COMMENT, at)) {
    const end = code.indexOf("-->", at + COMMENT.length);
    if (end < 0) return undefined;
    return { name: "!--", tag: "", whole: { start: at, end: end + 3 } };
  }
  NAME.lastIndex = at;
  const name = NAME.exec(code)?.[1]?.toLowerCase();
  if (name === undefined) return undefined;
  const begin = at + 1 + name.length;
  const start = tagEnd(code, begin);
  if (start === undefined) return undefined;
  const isClosed = code[start - 2] === "/";
  const tag = code.slice(begin, start - (isClosed ? 2 : 1));
  if (isClosed) return { name, tag, whole: { start: at, end: start } };
  const close = isNesting(name, tag)
    ? nestedClose(code, start, name)
    : plainClose(code, start, name);
  const end = close === undefined ? undefined : tagEnd(code, close);
  if (close === undefined || end === undefined) return undefined;
  return { name, tag, whole: { start: at, end }, content: { start, end: close } };
}

/** Which of them hold others of their name; Vue takes a template in another language for text. */
function isNesting(name: string, tag: string): boolean {
  return name === "template" && /^(?:html)?$/.test(attributesOf(tag).get("lang") ?? "");
}

/** Behind the `>` of a tag, which may stand in quotes before. */
function tagEnd(code: string, from: number): number | undefined {
  let quote = "";
  for (let index = from; index < code.length; index++) {
    const char = code[index] ?? "";
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === ">") return index + 1;
  }
  return undefined;
}

function plainClose(code: string, from: number, name: string): number | undefined {
  const close = new RegExp(String.raw`</${escapePattern(name)}(?=[\s/>])`, "gi");
  close.lastIndex = from;
  return close.exec(code)?.index;
}

const STEP = /<!--|\{\{|<(\/?)([a-z][^\s/>]*)/gi;

function nestedClose(code: string, from: number, name: string): number | undefined {
  STEP.lastIndex = from;
  let depth = 1;
  for (let match = STEP.exec(code); match !== null; match = STEP.exec(code)) {
    const { 0: text, 1: slash, 2: found = "", index } = match;
    const isOurs = found.toLowerCase() === name;
    if (isOurs && slash === "/" && --depth === 0) return index;
    // What stands in a comment, an expression or quotes is no tag.
    const end =
      text === COMMENT
        ? behind(code, "-->", index)
        : text === "{{"
          ? behind(code, "}}", index)
          : tagEnd(code, index + text.length);
    if (end === undefined) return undefined;
    if (isOurs && slash === "" && code[end - 2] !== "/") depth++;
    STEP.lastIndex = end;
  }
  return undefined;
}

function behind(code: string, text: string, from: number): number | undefined {
  const at = code.indexOf(text, from);
  return at < 0 ? undefined : at + text.length;
}

const ATTRIBUTE = /([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;

/** @returns the values by name; one without a value is empty */
export function attributesOf(tag: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = "", double, single, bare] of tag.matchAll(ATTRIBUTE)) {
    found.set(name, double ?? single ?? bare ?? "");
  }
  return found;
}

/** The strings and names in a source: what can be recognised where it should not be. Pure. */

import { isUtf8 } from "node:buffer";
import type { Node } from "@oxc-project/types";
import { walk } from "oxc-walker";
import type { Span } from "../../source/position.ts";
import { wordsOf } from "../../source/dead_code.ts";

export interface Token {
  readonly kind: "string" | "identifier";
  readonly text: string;
}

/** Shorter ones appear by chance: a bundler makes up such names itself. */
const TOKEN_SIZE_MIN = 3;
const HAS_WORD = /[\p{L}\p{N}_]{3}/u;

/** All tokens below a node, by a key that is unique for each. */
export function collectTokens(root: Node, wanted: (span: Span) => boolean): Map<string, Token> {
  const tokens = new Map<string, Token>();
  const add = (kind: Token["kind"], text: string): void => {
    const isLong = text.length >= TOKEN_SIZE_MIN && HAS_WORD.test(text);
    if (isLong) tokens.set(`${kind} ${text}`, { kind, text });
  };
  walk(root, {
    enter(node) {
      if (!wanted(node)) return;
      switch (node.type) {
        case "Identifier":
        case "JSXIdentifier":
        case "PrivateIdentifier":
          add("identifier", node.name);
          break;
        case "Literal":
          if (typeof node.value === "string") add("string", node.value);
          else if ("regex" in node) add("string", node.regex.pattern);
          break;
        case "TemplateElement":
          add("string", node.value.cooked ?? node.value.raw);
          break;
        case "JSXText":
          add("string", node.value.trim());
          break;
        default:
      }
    },
  });
  return tokens;
}

/** Lines of a text file that are long enough to be told by. */
const LINE_SIZE_MIN = 8;
const LINE_COUNT_MAX = 10_000;

/** The lines of a file that is no script, by a key that is unique for each; none for no text. */
export function textTokens(bytes: Buffer): Map<string, Token> {
  const tokens = new Map<string, Token>();
  if (!isUtf8(bytes)) return tokens;
  for (const line of bytes.toString().split("\n", LINE_COUNT_MAX)) {
    const text = line.trim();
    const isLong = text.length >= LINE_SIZE_MIN && HAS_WORD.test(text);
    if (isLong) tokens.set(`string ${text}`, { kind: "string", text });
  }
  return tokens;
}

/** The lines of comments that a bundler keeps, dead or not, by a key that is unique for each. */
export function keptComments(texts: readonly string[]): Map<string, Token> {
  const kept = texts
    .flatMap((text) => [...commentsOf(text)].filter(isKept))
    .map((comment) => comment.replace(/^!/, ""));
  return textTokens(Buffer.from(kept.join("\n")));
}

/** Bundlers keep a licence's comments. */
function isKept(comment: string): boolean {
  return comment.startsWith("!") || /@(?:license|preserve)/.test(comment);
}

/** What a text's comments say; some strings that look like one, too. */
function* commentsOf(text: string): Generator<string> {
  for (let end = 0; ;) {
    const start = text.indexOf("/*", end);
    end = start === -1 ? -1 : text.indexOf("*/", start + 2);
    if (end === -1) break;
    yield text.slice(start + 2, end);
  }
  for (const [, comment = ""] of text.matchAll(/\/\/(.*)/g)) yield comment;
}

/** A text in which tokens are looked for. */
export class TokenIndex {
  readonly #text: string;
  readonly #words: ReadonlySet<string>;

  constructor(text: string) {
    this.#text = text;
    this.#words = wordsOf(text);
  }

  /** Where a token stands first, in UTF-16 code units; -1 when it does not. */
  find({ kind, text }: Token): number {
    if (kind === "identifier") return this.#words.has(text) ? this.#wordAt(text) : -1;
    for (const form of writtenForms(text)) {
      const at = this.#text.indexOf(form);
      if (at !== -1) return at;
    }
    return -1;
  }

  #wordAt(word: string): number {
    const isPart = /[\p{ID_Continue}$\u200c\u200d]/u;
    let at = this.#text.indexOf(word);
    while (at !== -1) {
      const before = this.#text[at - 1] ?? " ";
      const after = this.#text[at + word.length] ?? " ";
      if (!isPart.test(before) && !isPart.test(after)) return at;
      at = this.#text.indexOf(word, at + 1);
    }
    return 0;
  }
}

/** A string as it is, and as sources, JSON and Bun's output spell it. */
function writtenForms(text: string): Set<string> {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(/[^\x20-\x7e]/g, (char) => {
    const code = char.charCodeAt(0).toString(16).toUpperCase();
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
  return new Set([text, json, ascii, Buffer.from(text).toString("latin1")]);
}

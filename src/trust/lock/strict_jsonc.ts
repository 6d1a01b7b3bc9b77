/**
 * JSON with comments and trailing commas, as `bun.lock` is written and Bun takes a `package.json`, read
 * strictly: what two parsers could take for different things is refused. One pass, linear in the text,
 * bounded in depth.
 */

import { ImmuconfigError } from "../../base/errors.ts";
import { LOCKFILE_DEPTH_MAX, MANIFEST_DEPTH_MAX } from "../../base/limits.ts";
import { quote } from "../../base/text.ts";

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
/** Maps, because a member may be called `__proto__`. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** What differs between the files that are read so. */
interface Form {
  readonly numbers: RegExp;
  readonly depthMax: number;
  /** What to do about a fault. */
  readonly hint: string;
}

const LOCKFILE: Form = {
  // Integers that are exact in every parser; a lockfile has no other numbers.
  numbers: /-?(?:0|[1-9]\d{0,14})(?![\d.eE])/y,
  depthMax: LOCKFILE_DEPTH_MAX,
  hint: "Restore the file from git, or write it anew with `bun install --lockfile-only`.",
};
const MANIFEST: Form = {
  numbers: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y,
  depthMax: MANIFEST_DEPTH_MAX,
  hint: "Fix the file: Bun reads it at every install.",
};
const TAB = 0x09;
const LINE_END = 0x0a;
const SPACE = 0x20;
const COMMA = 0x2c;
const SLASH = 0x2f;
const COLON = 0x3a;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f]/;
/** A string without escapes and controls, from quote to quote: nearly all of a lockfile. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const PLAIN_STRING = /"[^"\\\u0000-\u001f]*"/y;
/** Ends of lines to a JavaScript parser, and none to others: they would end a comment early. */
const OTHER_LINE_END = /[\r\u2028\u2029]/;

const WORDS: readonly (readonly [string, boolean | null])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/**
 * @param file its name, for messages
 * @throws ImmuconfigError `ERR_PACKAGES`, with line and column
 * @example parseLockJson('{"a": [1,],} // end', "bun.lock") // Map { "a" => [1] }
 */
export function parseLockJson(text: string, file: string): JsonValue {
  return new Reader(text, file, LOCKFILE).whole();
}

/**
 * The same for a `package.json`. Of a member that stands twice, Bun takes the first and JavaScript the last.
 *
 * @param file its name, for messages
 * @throws ImmuconfigError `ERR_PACKAGES`, with line and column
 */
export function parseManifestJson(text: string, file: string): JsonValue {
  return new Reader(text.replace(/^\ufeff/, ""), file, MANIFEST).whole();
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

export function isJsonList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

class Reader {
  readonly #text: string;
  readonly #file: string;
  readonly #form: Form;
  /** No string of it can be less than Unicode then. */
  readonly #isUnicode: boolean;
  #at = 0;

  constructor(text: string, file: string, form: Form) {
    // Git may have checked the file out with the line ends of Windows.
    this.#text = text.includes("\r") ? text.replaceAll("\r\n", "\n") : text;
    this.#isUnicode = text.isWellFormed();
    this.#file = file;
    this.#form = form;
  }

  whole(): JsonValue {
    const value = this.#value(0);
    this.#skip();
    if (this.#at < this.#text.length) throw this.#unexpected("the end");
    return value;
  }

  #value(depth: number): JsonValue {
    this.#skip();
    const { depthMax, numbers } = this.#form;
    if (depth > depthMax) throw this.#fault(`nested deeper than ${depthMax}`);
    const character = this.#text[this.#at];
    if (character === '"') return this.#string();
    if (character === "{") return this.#object(depth);
    if (character === "[") return this.#list(depth);
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    numbers.lastIndex = this.#at;
    const digits = numbers.exec(this.#text)?.[0];
    if (digits === undefined) throw this.#unexpected("a value");
    this.#at += digits.length;
    return Number(digits);
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, JsonValue>();
    this.#at++;
    while (!this.#ends("}")) {
      const start = this.#at;
      const key = this.#string();
      if (members.has(key)) throw this.#fault(`${quote(key)} stands twice`, start);
      if (!this.#takes(COLON)) throw this.#unexpected("a colon");
      members.set(key, this.#value(depth + 1));
      this.#separator("}");
    }
    return members;
  }

  #list(depth: number): readonly JsonValue[] {
    const values: JsonValue[] = [];
    this.#at++;
    while (!this.#ends("]")) {
      values.push(this.#value(depth + 1));
      this.#separator("]");
    }
    return values;
  }

  #ends(bracket: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== bracket) return false;
    this.#at++;
    return true;
  }

  #separator(bracket: string): void {
    if (this.#takes(COMMA) || this.#text[this.#at] === bracket) return;
    throw this.#unexpected(`a comma or ${bracket}`);
  }

  /** Nearly always it stands right there. */
  #takes(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) {
      this.#skip();
      if (this.#text.charCodeAt(this.#at) !== code) return false;
    }
    this.#at++;
    return true;
  }

  #string(): string {
    PLAIN_STRING.lastIndex = this.#at;
    if (this.#isUnicode && PLAIN_STRING.test(this.#text)) {
      const text = this.#text.slice(this.#at + 1, PLAIN_STRING.lastIndex - 1);
      this.#at = PLAIN_STRING.lastIndex;
      return text;
    }
    return this.#otherString();
  }

  /** One with an escape, or with a fault. */
  #otherString(): string {
    if (this.#text[this.#at] !== '"') throw this.#unexpected("a string in double quotes");
    const start = this.#at + 1;
    const end = this.#text.indexOf('"', start);
    if (end === -1) throw this.#fault("a string without an end");
    const plain = this.#text.slice(start, end);
    if (plain.includes("\\")) return this.#escapedString(start);
    if (CONTROL.test(plain)) throw this.#fault("a control character in a string");
    if (!plain.isWellFormed()) throw this.#fault("a string that is no Unicode");
    this.#at = end + 1;
    return plain;
  }

  #escapedString(start: number): string {
    let end = start;
    for (; this.#text[end] !== '"'; end += this.#text[end] === "\\" ? 2 : 1) {
      if (end >= this.#text.length) throw this.#fault("a string without an end");
    }
    let value: unknown;
    try {
      value = JSON.parse(this.#text.slice(start - 1, end + 1));
    } catch {
      value = undefined;
    }
    if (typeof value !== "string" || !value.isWellFormed()) {
      throw this.#fault("a string that is no JSON");
    }
    this.#at = end + 1;
    return value;
  }

  /** Blanks and comments. */
  #skip(): void {
    for (;;) {
      let code = this.#text.charCodeAt(this.#at);
      while (code === SPACE || code === TAB || code === LINE_END) {
        code = this.#text.charCodeAt(++this.#at);
      }
      if (code !== SLASH) return;
      const isLine = this.#text[this.#at + 1] === "/";
      if (!isLine && this.#text[this.#at + 1] !== "*") throw this.#unexpected("a comment");
      const found = this.#text.indexOf(isLine ? "\n" : "*/", this.#at + 2);
      if (found === -1 && !isLine) throw this.#fault("a comment without an end");
      const end = found === -1 ? this.#text.length : found;
      if (OTHER_LINE_END.test(this.#text.slice(this.#at, end))) {
        throw this.#fault("a comment with a line end that parsers disagree about");
      }
      this.#at = isLine ? end : end + 2;
    }
  }

  #unexpected(expected: string): ImmuconfigError {
    const next = this.#text.slice(this.#at, this.#at + 20);
    return this.#fault(`expected ${expected}, found ${next === "" ? "the end" : quote(next)}`);
  }

  #fault(what: string, at = this.#at): ImmuconfigError {
    const before = this.#text.slice(0, at);
    const line = before.split("\n").length;
    const column = at - before.lastIndexOf("\n");
    return new ImmuconfigError("ERR_PACKAGES", `${this.#file}:${line}:${column}: ${what}`, {
      hint: this.#form.hint,
    });
  }
}

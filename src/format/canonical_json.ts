/**
 * RFC 8785 (JCS) for the values that section `meta` is made of: objects, strings, lists of
 * strings, `true`. One pass, which accepts the canonical form and nothing else, so that two
 * readers can never disagree about duplicate members, escapes or white space.
 */

import { quote } from "../base/text.ts";
import { FormatError } from "../base/errors.ts";

export type CanonicalValue =
  true | string | readonly string[] | { readonly [key: string]: CanonicalValue | undefined };

const utf8 = new TextEncoder();
/** A byte order mark is a character like any other, and refused as one. */
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// oxlint-disable-next-line no-control-regex -- JSON escapes control characters
const ESCAPED_OR_CONTROL = /[\\\u0000-\u001f]/;
const QUOTED = /"(?:[^"\\]|\\.)*"/y;

/** The canonical bytes of a value: members in the order of their UTF-16 code units. */
export function encodeCanonicalJson(value: CanonicalValue): Uint8Array {
  return utf8.encode(JSON.stringify(sortMembers(value)));
}

/** Reads canonical JSON from left to right; every method throws `FormatError`. */
export class CanonicalReader {
  readonly #text: string;
  readonly #offset: number;
  /** Every string then ends at the next quotation mark, and stands for itself. */
  readonly #isPlain: boolean;
  #at = 0;
  /** Where the last string began. */
  #stringAt = 0;

  /** @param offset of the bytes in the file, for messages */
  constructor(bytes: Uint8Array, offset: number) {
    this.#offset = offset;
    try {
      this.#text = strictUtf8.decode(bytes);
    } catch (cause) {
      throw new FormatError(
        { offset, field: "meta", expected: "UTF-8", found: "other bytes" },
        { cause },
      );
    }
    this.#isPlain = !ESCAPED_OR_CONTROL.test(this.#text);
  }

  /** Reads an object of one member or more; `readMember` reads the value of each. */
  object(field: string, readMember: (key: string) => void): void {
    this.#take("{", field);
    let previous: string | undefined;
    do {
      const key = this.string(field);
      if (previous !== undefined && key <= previous) {
        throw this.fault(field, `a member after ${quote(previous)}`, quote(key));
      }
      previous = key;
      this.#take(":", field);
      readMember(key);
    } while (this.#takeIf(","));
    this.#take("}", field);
  }

  /** Reads a list of one string or more. */
  strings(field: string): string[] {
    this.#take("[", field);
    const values: string[] = [];
    do values.push(this.string(field));
    while (this.#takeIf(","));
    this.#take("]", field);
    return values;
  }

  string(field: string): string {
    const start = this.#at + 1;
    const end = this.#text.indexOf('"', start);
    if (this.#text[start - 1] !== '"' || end === -1) throw this.#unexpected(field, "a string");
    if (!this.#isPlain) return this.#escapedString(field);
    this.#stringAt = this.#at;
    this.#at = end + 1;
    return this.#text.slice(start, end);
  }

  true(field: string): true {
    if (!this.#text.startsWith("true", this.#at)) throw this.#unexpected(field, "true");
    this.#at += 4;
    return true;
  }

  end(field: string): void {
    if (this.#at !== this.#text.length) throw this.#unexpected(field, "the end");
  }

  /** A fault in the string that was read last. */
  fault(field: string, expected: string, found: string): FormatError {
    return this.#faultAt(this.#stringAt, field, expected, found);
  }

  #unexpected(field: string, expected: string): FormatError {
    const next = this.#text.slice(this.#at, this.#at + 20);
    const found = next === "" ? "the end" : quote(next);
    return this.#faultAt(this.#at, field, expected, found);
  }

  #faultAt(at: number, field: string, expected: string, found: string): FormatError {
    const offset = this.#offset + utf8.encode(this.#text.slice(0, at)).length;
    return new FormatError({ offset, field, expected, found });
  }

  #escapedString(field: string): string {
    QUOTED.lastIndex = this.#at;
    const quoted = QUOTED.exec(this.#text)?.[0] ?? "";
    let value: unknown;
    try {
      value = JSON.parse(quoted);
    } catch {
      throw this.#unexpected(field, "a JSON string");
    }
    if (typeof value !== "string" || JSON.stringify(value) !== quoted) {
      throw this.#unexpected(field, "a string in the form of RFC 8785");
    }
    this.#stringAt = this.#at;
    this.#at += quoted.length;
    return value;
  }

  #take(character: string, field: string): void {
    if (!this.#takeIf(character)) throw this.#unexpected(field, `${character} in canonical JSON`);
  }

  #takeIf(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

function sortMembers(value: CanonicalValue): CanonicalValue {
  if (value === true || typeof value === "string" || isList(value)) return value;
  const sorted: Record<string, CanonicalValue> = {};
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key];
    if (member !== undefined) sorted[key] = sortMembers(member);
  }
  return sorted;
}

function isList(value: CanonicalValue): value is readonly string[] {
  return Array.isArray(value);
}

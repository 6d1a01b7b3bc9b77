/**
 * Where the keys of a TOML text are, so that it can be edited without touching the rest. The text is
 * one that a parser takes; what this does not understand it gives up on. Pure.
 */

export interface TomlEntry {
  /** The whole path: that of its table, then its own. */
  readonly path: readonly string[];
  /** Where the key starts. */
  readonly start: number;
  readonly valueStart: number;
  /** After the value. */
  readonly valueEnd: number;
}

interface TomlHeader {
  readonly path: readonly string[];
  readonly start: number;
  /** After the end of its line. */
  readonly end: number;
}

export interface TomlLayout {
  /** In the order of the text; those inside inline tables too. */
  readonly entries: readonly TomlEntry[];
  /** Of the tables, not of arrays of tables. */
  readonly headers: readonly TomlHeader[];
  /** Where the first table starts. */
  readonly rootEnd: number;
}

/** @returns undefined for a text that is not understood */
export function layoutOfToml(text: string): TomlLayout | undefined {
  const scanner = new Scanner(text);
  try {
    return scanner.scan();
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

/** The entry of a whole path, or the header of a table. */
export function tomlAt<Item extends { readonly path: readonly string[] }>(
  items: readonly Item[],
  ...path: readonly string[]
): Item | undefined {
  const key = JSON.stringify(path);
  return items.find((item) => JSON.stringify(item.path) === key);
}

/** Lists and inline tables in one another; parts of a key. */
const DEPTH_MAX = 64;

class NotUnderstood extends Error {}

const BARE_KEY = /[A-Za-z0-9_-]+/y;
const BASIC_STRING = /"(?:[^"\\\n]|\\.)*"/y;
const LITERAL_STRING = /'[^'\n]*'/y;
const LONG_STRINGS = [/"""(?:[^\\]|\\[^])*?"{3,5}/y, /'''[^]*?'{3,5}/y];
/** Numbers, dates, booleans. */
const BARE_VALUE = /[^\s,\]}#]+(?: \d\d:[^\s,\]}#]+)?/y;
const BLANKS = /[ \t]*/y;
const GAP = /(?:[ \t\r\n]|#[^\n]*)*/y;
const LINE_END = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;

class Scanner {
  readonly #text: string;
  readonly #entries: TomlEntry[] = [];
  readonly #headers: TomlHeader[] = [];
  #at = 0;
  #depth = 0;
  #rootEnd: number;

  constructor(text: string) {
    this.#text = text;
    this.#rootEnd = text.length;
  }

  scan(): TomlLayout {
    let table: readonly string[] = [];
    this.#take(GAP);
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === "[") table = this.#header();
      else this.#entry(table);
      this.#need(LINE_END);
      this.#take(GAP);
    }
    return { entries: this.#entries, headers: this.#headers, rootEnd: this.#rootEnd };
  }

  #header(): readonly string[] {
    const start = this.#at;
    this.#rootEnd = Math.min(this.#rootEnd, start);
    const isArray = this.#text.startsWith("[[", start);
    this.#at += isArray ? 2 : 1;
    const path = this.#keyPath();
    this.#sign(isArray ? "]]" : "]");
    const end = this.#at + (this.#match(LINE_END)?.length ?? 0);
    if (!isArray) this.#headers.push({ path, start, end });
    // What is in an array of tables has no path of its own.
    return isArray ? [...path, "[]"] : path;
  }

  #entry(table: readonly string[]): void {
    const start = this.#at;
    const path = [...table, ...this.#keyPath()];
    this.#sign("=");
    this.#take(BLANKS);
    const valueStart = this.#at;
    const slot = this.#entries.length;
    this.#value(path);
    this.#entries.splice(slot, 0, { path, start, valueStart, valueEnd: this.#at });
  }

  #keyPath(): string[] {
    const path: string[] = [];
    do {
      this.#take(BLANKS);
      const bare = this.#take(BARE_KEY);
      const literal = bare === "" ? this.#take(LITERAL_STRING) : "";
      const basic = bare + literal === "" ? this.#need(BASIC_STRING) : "";
      path.push(bare || literal.slice(1, -1) || String(JSON.parse(basic || '""')));
      this.#take(BLANKS);
    } while (path.length <= DEPTH_MAX && this.#takeSign("."));
    return path;
  }

  #value(path: readonly string[]): void {
    for (const long of LONG_STRINGS) if (this.#take(long) !== "") return;
    if (this.#take(BASIC_STRING) !== "" || this.#take(LITERAL_STRING) !== "") return;
    if (this.#takeSign("[")) return this.#items("]", () => this.#value([...path, "[]"]));
    if (this.#takeSign("{")) return this.#items("}", () => this.#entry(path));
    this.#need(BARE_VALUE);
  }

  #items(end: string, item: () => void): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new NotUnderstood();
    this.#take(GAP);
    while (!this.#takeSign(end)) {
      item();
      this.#take(GAP);
      if (!this.#takeSign(",") && this.#text[this.#at] !== end) throw new NotUnderstood();
      this.#take(GAP);
    }
    this.#depth -= 1;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  /** Steps over what matches, which may be nothing. */
  #take(pattern: RegExp): string {
    const found = this.#match(pattern) ?? "";
    this.#at += found.length;
    return found;
  }

  #need(pattern: RegExp): string {
    const found = this.#match(pattern);
    if (found === undefined) throw new NotUnderstood();
    this.#at += found.length;
    return found;
  }

  #takeSign(sign: string): boolean {
    if (!this.#text.startsWith(sign, this.#at)) return false;
    this.#at += sign.length;
    return true;
  }

  #sign(sign: string): void {
    this.#take(BLANKS);
    if (!this.#takeSign(sign)) throw new NotUnderstood();
  }
}

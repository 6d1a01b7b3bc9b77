/** Text from outside on its way to a terminal, a message, a shell or a file. */

/** Controls, the separators of lines, and what turns the order of letters round. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
/** Characters of a value that a message quotes. */
const QUOTED_SIZE_MAX = 120;

/**
 * One line of text from outside without the characters that could drive a terminal or change the
 * order in which it is read. Tabs stay.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => (character === "\t" ? character : "?"));
}

/** The same for a text of several lines, which stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/**
 * Whether a name could pass for more than one line of a message. Every other control character shows as
 * `?` where texts are printed, but a message has lines of its own.
 */
export function breaksLines(name: string): boolean {
  return name.includes("\n");
}

/**
 * A value from outside as a message shows it: as JSON, cut to 120 characters, and safe on a
 * terminal, because every character that could drive one is an escape.
 *
 * @example quote("a\u001bb") // "a\u001bb", in quotes and with six characters for the escape
 */
export function quote(value: unknown): string {
  const json =
    typeof value === "string"
      ? JSON.stringify(value.slice(0, QUOTED_SIZE_MAX))
      : (JSON.stringify(value) ?? "nothing").slice(0, QUOTED_SIZE_MAX);
  return json.replace(UNSAFE, escapeOf);
}

/** As `quote`, for an address that is none: without what may be a secret, before an `@`, or behind a `?` or `#`. */
export function quoteAddress(text: string): string {
  return quote(text.replace(/^.*@/s, "…@").replace(/[?#].*$/s, "?…"));
}

/** As `quote`, with an escape for all that is not ASCII: for bytes of no known encoding. */
export function quoteAscii(text: string): string {
  return quote(text).replace(/[^\u0020-\u007e]/g, escapeOf);
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * The first of many lines, and how many more there are.
 *
 * @param countMax lines that are shown at most, without the last one
 */
export function firstLines(lines: readonly string[], countMax: number): string[] {
  const more = lines.length - countMax;
  return more > 0 ? [...lines.slice(0, countMax), `  and ${more} more`] : [...lines];
}

/** A word as a shell reads it back: in single quotes, unless it is plain. */
export function shellWord(word: string): string {
  return /^[\w./:=@+-]+$/.test(word) ? word : shellQuoted(word);
}

/** In single quotes, as sh, bash and zsh read them. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** In single quotes, as fish reads them. */
export function fishQuoted(text: string): string {
  return `'${text.replace(/['\\]/g, String.raw`\$&`)}'`;
}

/** Whether a name can stand in JavaScript as it is: `features.NAME`, `{ NAME: … }`. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name);
}

/** @returns null for what is no URL, as `URL.parse`, which Node 20 lacks */
export function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** The origin that a text is, and nothing besides; null for any other text. */
export function parseOrigin(text: string): URL | null {
  const url = parseUrl(text);
  return url !== null && (text === url.origin || text === `${url.origin}/`) ? url : null;
}

/** Whether a host, as a URL or a socket names it, is this machine. */
export function isThisMachine(hostname: string): boolean {
  return /^(localhost|(::ffff:)?127(\.\d{1,3}){3}|::1|\[::1\])$/.test(hostname);
}

/** Whether nobody on the way to an address can read or change what is asked there. */
export function isSafeUrl({ protocol, hostname }: Pick<URL, "protocol" | "hostname">): boolean {
  return protocol === "https:" || (protocol === "http:" && isThisMachine(hostname));
}

/** A text with another one in the place of a part of it. */
export function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** The text as a pattern that matches it alone: `RegExp.escape`, which Node 22 lacks. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** Names in one sentence. */
const LISTED_MAX = 5;

/** The first names of many. */
export function shortList(names: readonly string[]): string {
  const more = names.length - LISTED_MAX;
  const first = names.slice(0, LISTED_MAX).join(", ");
  return more > 0 ? `${first} and ${more} more` : first;
}

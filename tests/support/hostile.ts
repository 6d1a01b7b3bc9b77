/** Inputs made of valid ones by damage that a hand could do: the same for the same seed. */

import type { Random } from "./random.ts";

const PIECES = [
  "",
  "\0",
  '"',
  "'",
  "\\",
  "\\u0000",
  "\r",
  "\u2028",
  "\ud800",
  "\ufeff",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "=",
  "//",
  "/*",
  "*/",
  "#",
  ";",
  "$",
  "${A}",
  "../",
  "__proto__",
  "1e999",
  "-0",
  "sha512-",
  "npm:",
  "registry",
] as const;

/** A text with one to four pieces of it cut, doubled, moved or replaced. */
export function damaged(text: string, random: Random): string {
  let result = text;
  for (let edits = 1 + random.below(4); edits > 0; edits--) {
    const at = random.below(result.length + 1);
    const end = Math.min(result.length, at + random.below(12));
    const moved = result.slice(random.below(at + 1), at);
    const piece = random.pick([random.pick(PIECES), "", result.slice(at, end).repeat(2), moved]);
    result = result.slice(0, at) + piece + result.slice(end);
  }
  return result;
}

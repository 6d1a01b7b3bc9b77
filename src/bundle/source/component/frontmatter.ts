/** The script at the head of an Astro page, between two lines of `---`. Pure and linear. */

import type { Span } from "../position.ts";

const FENCE = "---";
const OPENING = /^\s*---/;
/** What may hold a fence that is none, and the fence. */
const PART =
  /\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?(?:\*\/|$)|"(?:[^"\\\n\r]|\\[^])*"?|'(?:[^'\\\n\r]|\\[^])*'?|`(?:[^`\\]|\\[^])*`|---/g;

/** @returns nothing for a page without one */
export function frontmatter(
  code: string,
): { readonly whole: Span; readonly content: Span } | undefined {
  const opening = OPENING.exec(code)?.[0];
  if (opening === undefined) return undefined;
  const start = opening.length;
  PART.lastIndex = start;
  for (let match = PART.exec(code); match !== null; match = PART.exec(code)) {
    if (match[0] !== FENCE) continue;
    const whole = { start: start - FENCE.length, end: match.index + FENCE.length };
    return { whole, content: { start, end: match.index } };
  }
  return undefined;
}

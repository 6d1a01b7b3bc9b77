/** The imports and exports of an MDX text. Pure. */

import { parseSource } from "../parse.ts";
import type { Span } from "../position.ts";

/** Blank lines within one block: each costs a parse. */
const BLANK_COUNT_MAX = 64;
/** Parses of one text; behind them, a block ends at its first blank line. */
const PARSE_COUNT_MAX = 512;

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const ESM = /^(?:import|export) /;
/** A line that is a block by itself, so that the next begins another. */
const WHOLE_LINE = /^(?:\s*$| {0,3}#{1,6}(?:\s|$))/;

/** Blocks begin where no paragraph goes on, and end at a blank line once they parse. */
export function esmBlocks(code: string): Span[] {
  const blocks: Span[] = [];
  let fence: string | undefined;
  let isFresh = true;
  const budget = { parses: PARSE_COUNT_MAX };
  for (let at = headEnd(code); at < code.length;) {
    const end = lineEnd(code, at);
    const line = code.slice(at, end);
    const opened = FENCE.exec(line)?.[1];
    if (fence !== undefined) {
      if (opened?.startsWith(fence) === true && line.trim() === opened) fence = undefined;
      isFresh = fence === undefined;
    } else if (opened !== undefined) fence = opened;
    else if (isFresh && ESM.test(line)) {
      const block = { start: at, end: blockEnd(code, at, budget) };
      blocks.push(block);
      at = block.end;
      continue;
    } else isFresh = WHOLE_LINE.test(line);
    at = end;
  }
  return blocks;
}

/** Behind the metadata that many put in front. */
function headEnd(code: string): number {
  return /^\ufeff?---[ \t]*\r?\n(?:[^]*?\r?\n)??---[ \t]*(?:\r?\n|$)/.exec(code)?.[0].length ?? 0;
}

/** Behind the end of a line and its line end. */
function lineEnd(code: string, at: number): number {
  const end = code.indexOf("\n", at);
  return end < 0 ? code.length : end + 1;
}

function blockEnd(code: string, start: number, budget: { parses: number }): number {
  let first: number | undefined;
  let at = start;
  for (let count = 0; count < BLANK_COUNT_MAX; count++) {
    const end = nextBlank(code, at);
    first ??= end;
    if (--budget.parses < 0) break;
    if (parseSource("block.jsx", code.slice(start, end)).errors.length === 0) return end;
    if (end === code.length) break;
    at = lineEnd(code, end);
  }
  return first ?? code.length;
}

/** Where the next blank line begins, or the text ends. */
function nextBlank(code: string, from: number): number {
  for (let at = lineEnd(code, from); at < code.length; at = lineEnd(code, at)) {
    if (code.slice(at, lineEnd(code, at)).trim() === "") return at;
  }
  return code.length;
}

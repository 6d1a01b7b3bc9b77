/** From offsets in a text to lines and columns that an editor understands. */

const LINE_END = /(\r\n|[\n\r\u2028\u2029])/;
const LINE_ENDS = /\r\n|[\n\r\u2028\u2029]/g;
const BYTE_ORDER_MARK = 0xfeff;

/** A range of a text, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export function isInside({ start, end }: Span, spans: readonly Span[]): boolean {
  return spans.some((span) => span.start <= start && end <= span.end);
}

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units; a byte order mark takes no column. */
  readonly column: number;
}

/**
 * Reads a text once, for any number of places in it.
 *
 * @returns the position of an offset in UTF-16 code units, as JavaScript counts a string
 * @example positionsOf("a\nbc")(3) // { line: 2, column: 2 }
 */
export function positionsOf(text: string): (offset: number) => Position {
  const starts = [text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0];
  for (const { index, 0: end } of text.matchAll(LINE_ENDS)) starts.push(index + end.length);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: Math.max(offset - (starts[low] ?? 0), 0) + 1 };
  };
}

/** The texts of the lines, without their ends and without a byte order mark. */
export function linesOf(text: string): string[] {
  return text.replace(/^\ufeff/, "").split(LINE_ENDS);
}

/**
 * Fits a replacement into the place of an original, with blanks and the same line ends, so that
 * what stands behind it keeps its line and column.
 *
 * @param text without line ends; if it is longer than the original's first line, only the rest of
 * that line moves
 */
export function fitInPlace(original: string, text: string): string {
  if (!LINE_END.test(original)) return text.padEnd(original.length);
  const [first = "", ...rest] = original.split(LINE_END);
  const blanks = rest.map((part) => (LINE_END.test(part) ? part : " ".repeat(part.length)));
  return text.padEnd(first.length) + blanks.join("");
}

const NO_LINE_END = /[^\n\r\u2028\u2029\ufeff]/g;

/**
 * The text with the spans turned to blanks: every line and column stays where it is.
 *
 * @param spans in any order; they do not overlap
 */
export function blankSpans(text: string, spans: readonly Span[]): string {
  let result = "";
  let at = 0;
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + text.slice(start, end).replace(NO_LINE_END, " ");
    at = end;
  }
  return result + text.slice(at);
}

/** Looks up, many times, whether a place is in one of the spans. */
export function spanLookup(spans: readonly Span[]): (at: number) => boolean {
  const sorted = outermost(spans);
  return (at) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle]?.end ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return (sorted[low]?.start ?? Infinity) <= at;
  };
}

/** Without those that stand in others. */
export function outermost(spans: readonly Span[]): Span[] {
  const kept: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (span.start >= (kept.at(-1)?.end ?? 0)) kept.push(span);
  }
  return kept;
}

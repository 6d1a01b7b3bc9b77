/** The part of docs/performance.md that is measured, between two marks. Pure. */

import { type ClaimRow } from "./row.ts";
import { formatMarkdown, summary } from "./table.ts";

const BEGIN = "<!-- measured: bun run bench:claims --write -->";
const END = "<!-- end of what was measured -->";

/** The output of another bench, which holds bounds. */
export interface BoundsReport {
  readonly command: string;
  readonly output: string;
}

/**
 * @param page the whole document
 * @returns the same with new figures
 * @throws when the page does not have both marks once, in order
 */
export function replaceMeasured(
  page: string,
  machine: string,
  rows: readonly ClaimRow[],
  bounds: readonly BoundsReport[],
): string {
  const [before, rest, ...more] = page.split(BEGIN);
  const [, after, ...others] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length > 0 || others.length > 0) {
    throw new Error("docs/performance.md has not the two marks that figures stand between");
  }
  const blocks = bounds.map(
    ({ command, output }) => `\`${command}\`:\n\n\`\`\`text\n${output.trimEnd()}\n\`\`\``,
  );
  const parts = [BEGIN, `Measured on: ${machine}.`, formatMarkdown(rows), summary(rows)];
  return before + [...parts, "### The bounds", ...blocks, END].join("\n\n") + after;
}

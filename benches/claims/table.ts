/** The rows as text for a terminal and as a table for the page. Pure. */

import { formatTime } from "../support/measure.ts";
import { type ClaimRow, type Verdict, verdictOf } from "./row.ts";

const COLUMNS = ["claim", "what was measured", "median (quartiles)", "floor", "ratio", "holds"];
/** Numbers that are compared line by line end at one edge. */
const RIGHT = COLUMNS.indexOf("ratio");

/** One block a claim, one line a meaning. */
export function formatText(rows: readonly ClaimRow[]): string {
  const width = Math.max(...rows.map(({ meaning }) => meaning.length));
  return byClaim(rows)
    .map(([title, ofClaim]) => {
      const lines = ofClaim.map((row) => {
        const { median, floor, ratio, verdict } = cellsOf(row);
        return `  ${row.meaning.padEnd(width)}  ${median.padEnd(30)} ${ratio.padStart(7)} times ${floor.padStart(8)}  ${verdict}`;
      });
      return [title, ...lines].join("\n");
    })
    .join("\n");
}

/** A Markdown table, padded as the formatter would. */
export function formatMarkdown(rows: readonly ClaimRow[]): string {
  const body = byClaim(rows).flatMap(([title, ofClaim]) =>
    ofClaim.map((row, index) => {
      const { median, floor, ratio, verdict } = cellsOf(row);
      const floorCell = `${floor}: ${row.floor}`;
      return [index === 0 ? title : "", row.meaning, median, floorCell, ratio, verdict];
    }),
  );
  const widths = COLUMNS.map((column, i) =>
    Math.max(column.length, ...body.map((cells) => (cells[i] ?? "").length)),
  );
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, i) => {
      const width = widths[i] ?? 0;
      return i === RIGHT ? cell.padStart(width) : cell.padEnd(width);
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rule = line(
    widths.map((width, i) => (i === RIGHT ? `${"-".repeat(width - 1)}:` : "-".repeat(width))),
  );
  return [line(COLUMNS), rule, ...body.map(line)].join("\n");
}

/** How many claims hold at all, and how many rows have which verdict. */
export function summary(rows: readonly ClaimRow[]): string {
  const claims = byClaim(rows);
  const held = claims.filter(([, ofClaim]) => ofClaim.some((row) => verdictOf(row) !== "no"));
  const count = (wanted: Verdict): number => rows.filter((row) => verdictOf(row) === wanted).length;
  return (
    `Claims that hold in one of their meanings at least: ${held.length} of ${claims.length}. ` +
    `Meanings: ${rows.length}; yes ${count("yes")}, over the loop ${count("over the loop")}, no ${count("no")}.`
  );
}

function byClaim(rows: readonly ClaimRow[]): [string, readonly ClaimRow[]][] {
  const titles = new Map<string, ClaimRow[]>();
  for (const row of rows) {
    const title = `${row.claim}: ${claimed(row.claimNs)}`;
    titles.set(title, [...(titles.get(title) ?? []), row]);
  }
  return [...titles];
}

/** As it was claimed, without zeros that promise digits. */
function claimed(nanoseconds: number): string {
  return nanoseconds < 1e3 ? `${nanoseconds} ns` : `${nanoseconds / 1e3} µs`;
}

function cellsOf(row: ClaimRow) {
  const { subject, subjectSpread, floor, ratio } = row.result;
  const [low, high] = subjectSpread;
  return {
    median: `${formatTime(subject)} (${formatTime(low)} to ${formatTime(high)})`,
    floor: formatTime(floor),
    ratio: ratio < 100 ? ratio.toFixed(2) : ratio.toFixed(0),
    verdict: verdictOf(row),
  };
}

/** The figures of docs/performance.md: where they go, and what a verdict says. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceMeasured } from "../benches/claims/page.ts";
import { type ClaimRow, verdictOf } from "../benches/claims/row.ts";
import { formatMarkdown, summary } from "../benches/claims/table.ts";

const page = readFileSync(join(import.meta.dir, "..", "docs", "performance.md"), "utf8");

function row(claimNs: number, subject: number, floor: number, floorIsLoop = false): ClaimRow {
  return {
    claim: "a claim",
    claimNs,
    meaning: "a meaning",
    floor: "nothing",
    floorIsLoop,
    result: { subject, subjectSpread: [subject, subject], floor, ratio: 2, spread: [2, 2] },
  };
}

test("a claim holds, holds beyond the loop, or does not", () => {
  expect(verdictOf(row(3, 3, 1))).toBe("yes");
  expect(verdictOf(row(3, 3.1, 1))).toBe("no");
  expect(verdictOf(row(0.5, 0.9, 0.5, true))).toBe("over the loop");
  expect(verdictOf(row(0.5, 1.1, 0.5, true))).toBe("no");
});

test("the table names a claim once and the summary counts", () => {
  const rows = [row(3, 3, 1), row(3, 4, 1), row(1_200, 5, 1)];
  const claims = formatMarkdown(rows)
    .split("\n")
    .slice(2)
    .map((line) => line.split("|")[1]?.trim());
  expect(claims).toEqual(["a claim: 3 ns", "", "a claim: 1.2 µs"]);
  expect(summary(rows)).toEndWith("least: 2 of 2. Meanings: 3; yes 2, over the loop 0, no 1.");
});

test("new figures take the place of the old ones, and nothing else changes", () => {
  const bounds = [{ command: "bun run bench:native", output: "at most 1.1: holds\n" }];
  const once = replaceMeasured(page, "one machine", [row(3, 3, 1)], bounds);
  expect(once).toContain("Measured on: one machine.");
  expect(once).toContain("at most 1.1: holds\n```");
  expect(replaceMeasured(once, "another", [row(3, 3, 1)], bounds)).toBe(
    once.replace("one machine", "another"),
  );
  const [before = "", after = ""] = [page.split("<!--")[0], page.split("-->").at(-1)];
  expect(once.startsWith(before) && once.endsWith(after)).toBe(true);
  expect(() => replaceMeasured("no marks", "m", [], [])).toThrow("two marks");
});

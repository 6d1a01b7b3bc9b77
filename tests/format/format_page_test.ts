import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withExample } from "../../scripts/vectors/annotate.ts";
import { OFFSET } from "../../src/format/layout.ts";
import * as limits from "../../src/base/limits.ts";
import { REPOSITORY } from "../support/repository.ts";
import { readVector } from "../support/vectors.ts";
import index from "../vectors/index.json" with { type: "json" };

const page = readFileSync(join(REPOSITORY, "docs", "format.md"), "utf8");

/** The rows of the table under a heading, without its head: a list of cells each. */
function rowsUnder(heading: string): string[][] {
  const start = page.indexOf(`\n## ${heading}\n`);
  const section = page.slice(start + 1, page.indexOf("\n## ", start + 1));
  return section
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe("docs/format.md", () => {
  test("has the offsets of the code", () => {
    const offsets = Object.fromEntries(
      rowsUnder("Header").map(([offset, , field]) => [field, Number(offset)]),
    );
    const { record, sealPadding, ...fields } = OFFSET;
    expect(offsets).toEqual(fields);
    expect(record).toBe(OFFSET.configVersion);
    expect<number>(sealPadding).toBe(OFFSET.seal + 8);
  });

  test("has fields that follow each other without a gap", () => {
    let end = 0;
    for (const [offset, size] of rowsUnder("Header")) {
      expect(Number(offset)).toBe(end);
      end += Number(size);
    }
    expect(end).toBe(OFFSET.body);
  });

  test("has the limits of the code", () => {
    const values = new Map<string, number>(Object.entries(limits));
    const rows = rowsUnder("Limits");
    expect(rows.length).toBeGreaterThan(10);
    for (const [name = "", value] of rows) {
      expect(values.get(name.replaceAll("`", "")), name).toBe(Number(value));
    }
  });

  test("names every field that an error names", () => {
    const fields = index.vectors.flatMap(({ error }) => (error === undefined ? [] : [error.field]));
    expect(fields.length).toBeGreaterThan(50);
    for (const field of new Set(fields)) {
      const name = field.replace(/^meta\.flags\..*/, "meta.flags.NAME");
      expect(page, field).toContain(name.replace(/ of section .*/, ""));
    }
  });

  test("shows a vector, byte by byte", () => {
    const made = withExample(page, readVector("valid/defaults.lockb"));
    expect(made === page, "run scripts/make_vectors.ts").toBe(true);
  });
});

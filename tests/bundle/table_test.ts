import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withTable } from "./fixtures/table.ts";

test("docs/bundlers.md shows the fixtures as they are", () => {
  const page = readFileSync(join(import.meta.dir, "../../docs/bundlers.md"), "utf8");
  expect(withTable(page)).toBe(page);
});

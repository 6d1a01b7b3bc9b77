import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withTable } from "./fixtures/table.ts";
import { REPOSITORY } from "../support/repository.ts";

test("docs/bundlers.md shows the fixtures as they are", () => {
  const page = readFileSync(join(REPOSITORY, "docs/bundlers.md"), "utf8");
  expect(withTable(page)).toBe(page);
});

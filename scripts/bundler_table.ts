// Writes the table of docs/bundlers.md anew from the fixtures; with --check it only compares. The
// tests build every fixture with every bundler, so the table says what was seen.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withTable } from "../tests/bundle/fixtures/table.ts";

const path = join(import.meta.dir, "..", "docs", "bundlers.md");
const before = readFileSync(path, "utf8");
const after = withTable(before);
if (process.argv.includes("--check")) {
  if (before !== after)
    console.error("docs/bundlers.md is stale: run bun scripts/bundler_table.ts");
  process.exit(before === after ? 0 : 1);
}
writeFileSync(path, after);

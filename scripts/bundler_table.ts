// Writes the table of docs/bundlers.md anew from the fixtures. The tests build every fixture with
// every bundler and compare the table, so it says what was seen.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withTable } from "../tests/bundle/fixtures/table.ts";

const path = join(import.meta.dir, "..", "docs", "bundlers.md");
writeFileSync(path, withTable(readFileSync(path, "utf8")));

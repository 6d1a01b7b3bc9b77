// Writes tests/vectors and the example in docs/format.md anew: run it after a change to
// scripts/vectors, and commit what it wrote.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { withExample } from "./vectors/annotate.ts";
import { EXAMPLE_FILE } from "./vectors/fault_vector.ts";
import { makeVectors } from "./vectors/index.ts";

const folder = join(import.meta.dir, "..", "tests", "vectors");
for (const part of ["valid", "invalid"]) {
  rmSync(join(folder, part), { recursive: true, force: true });
}
for (const [file, bytes] of makeVectors()) {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

const page = join(import.meta.dir, "..", "docs", "format.md");
writeFileSync(page, withExample(readFileSync(page, "utf8"), EXAMPLE_FILE));

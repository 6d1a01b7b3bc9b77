// Writes src/format/generated/layout.ts from the Zig types; with `--check`, fails when it would change.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runZigBuild } from "./zig_build.ts";

const path = join(import.meta.dir, "..", "src", "format", "generated", "layout.ts");
const wanted = runZigBuild(["layout"]);
if (!process.argv.includes("--check")) {
  writeFileSync(path, wanted);
} else if (readFileSync(path, "utf8") !== wanted) {
  console.error("layout: src/format/generated/layout.ts is not what the Zig types say.");
  console.error("layout: run `bun scripts/generate_layout.ts`.");
  process.exit(1);
}

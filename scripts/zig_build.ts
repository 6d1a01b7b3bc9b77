import { join } from "node:path";
import { findZig } from "../src/zig_import/find_zig.ts";

const root = join(import.meta.dir, "..");

/**
 * Runs `zig build` in the repository, with its caches there too.
 *
 * @returns what it printed on its standard output
 */
export function runZigBuild(args: readonly string[]): string {
  const zig = findZig({ from: root, path: process.env["PATH"] });
  const cache = join(root, ".zig-cache");
  const caches = ["--cache-dir", cache, "--global-cache-dir", join(cache, "global")];
  const run = Bun.spawnSync([zig, "build", ...caches, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 600_000,
  });
  if (run.exitCode !== 0) throw new Error(`zig build ${args.join(" ")} failed`);
  return run.stdout.toString();
}

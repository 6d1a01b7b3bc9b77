import { expect } from "bun:test";
import { join } from "node:path";
import { testWithZig } from "../support/zig.ts";

testWithZig(
  "the native benchmark runs, small, and its answers are right",
  () => {
    const bench = join(import.meta.dir, "..", "..", "benches", "native_bench.ts");
    const run = Bun.spawnSync([process.execPath, bench, "--quick"], { timeout: 120_000 });
    expect(run.stderr.toString()).toBe("");
    expect(run.stdout.toString()).toContain("version() by FFI / an empty FFI call");
    expect(run.exitCode).toBe(0);
  },
  180_000,
);

/** The benches of the build still run, and their programs agree: small, and without their times. */

import { expect, test } from "bun:test";
import { join } from "node:path";

test.each(["adapters_bench.ts", "checker_bench.ts"])(
  "%s",
  (name) => {
    const bench = join(import.meta.dir, "../../benches", name);
    const child = Bun.spawnSync([process.execPath, bench, "--quick"], {
      stderr: "inherit",
      timeout: 30_000,
    });
    expect(child.stdout.toString()).toContain("at most");
    expect(child.exitCode).toBe(0);
  },
  35_000,
);

import { expect, test } from "bun:test";
import { join } from "node:path";
import { BUN, run } from "../support/run.ts";

const bench = join(import.meta.dir, "..", "..", "benches", "upgrade_bench.ts");

test("the benchmark runs, small, and checks its answers", async () => {
  const { exitCode, stdout, stderr } = await run([BUN, bench, "--quick"]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/upgrade \/ floors: \d+\.\d\d\n {2}the rest: -?\d+ ms/);
}, 30_000);

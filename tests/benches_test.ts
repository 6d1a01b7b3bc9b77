/** Every bench still runs and its answers are right: small, and without a look at its times. */

import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { BUN, run } from "./support/run.ts";
import { testWithZig } from "./support/zig.ts";

const folder = join(import.meta.dir, "..", "benches");

interface Bench {
  /** In what it prints last, or near it. */
  readonly prints: RegExp;
  /** It compiles benches/native_bench.zig first. */
  readonly needsZig?: boolean;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  "adapters_bench.ts": { prints: /esbuild with immuconfig .* at most 1.4/ },
  "build_bench.ts": { prints: /ledger of 32 flags, packages external .* for 33 builds/ },
  "checker_bench.ts": { prints: /a file that uses flags .* at most 0.25 ms/ },
  "claims_bench.ts": { prints: /A quick run: its times say nothing\./, needsZig: true },
  "live_bench.ts": { prints: /a loopback WebSocket +p50/ },
  "native_bench.ts": { prints: /feature by name, by FFI/, needsZig: true },
  "record_bench.ts": { prints: /bun-config get version .* at most 1.3/ },
  "upgrade_bench.ts": { prints: /upgrade \/ floors: \d+\.\d\d\n {2}the rest: -?\d+ ms/ },
};

test("all benches are in the list", () => {
  const names = readdirSync(folder).filter((name) => name.endsWith("_bench.ts"));
  expect(names.toSorted()).toEqual(Object.keys(BENCHES));
});

describe.each(Object.entries(BENCHES))("%s", (name, { prints, needsZig = false }) => {
  const testBench = needsZig ? testWithZig : test;
  testBench(
    "runs",
    async () => {
      const { exitCode, stdout, stderr } = await run([BUN, join(folder, name), "--quick"], {
        env: process.env,
        timeoutMs: 120_000,
      });
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(prints);
    },
    125_000,
  );
});

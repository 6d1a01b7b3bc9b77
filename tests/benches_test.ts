/** Every bench still runs and its answers are right: small, and without a look at its times. */

import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./support/repository.ts";
import { BUN, run } from "./support/run.ts";
import { testWithZig } from "./support/zig.ts";

const folder = join(REPOSITORY, "benches");
const TIMEOUT_MS = 300_000;

interface Bench {
  /** In what it prints last, or near it. */
  readonly prints: RegExp;
  /** Rows on its page, where it has one: what was measured stands in this column of the table. */
  readonly page?: { readonly path: string; readonly column: number };
  /** It compiles benches/native_bench.zig first. */
  readonly needsZig?: boolean;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  "bounds_bench.ts": {
    prints: /ledger of 32 flags .* at most 1.05 times: not judged/,
    page: { path: "performance.md", column: 1 },
  },
  "claims_bench.ts": {
    prints: /A quick run: its times say nothing\./,
    page: { path: "claims.md", column: 2 },
    needsZig: true,
  },
  "fleet_bench.ts": {
    prints: /A quick run: its times say nothing\.|nats-server is not installed/,
    page: { path: "fleet.md", column: 1 },
  },
  "upgrade_bench.ts": { prints: /upgrade \/ floors: \d+\.\d\d\n {2}the rest: -?\d+ ms/ },
};

test("all benches are in the list", () => {
  const names = readdirSync(folder).filter((name) => name.endsWith("_bench.ts"));
  expect(names.toSorted()).toEqual(Object.keys(BENCHES));
});

describe.each(Object.entries(BENCHES))("%s", (name, { prints, page, needsZig = false }) => {
  const testBench = needsZig ? testWithZig : test;
  testBench(
    "runs, and its page has the rows that it prints",
    async () => {
      const { exitCode, stdout, stderr } = await run([BUN, join(folder, name), "--quick"], {
        env: process.env,
        timeoutMs: TIMEOUT_MS,
      });
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(prints);
      if (page === undefined || /(nats-server|PostgreSQL) is not installed/.test(stdout)) return;
      const rows = tableColumn(page.path, page.column);
      expect(rows.length).toBeGreaterThan(5);
      // The names are padded: two spaces end one.
      const printed = new Set(stdout.split("\n").map((line) => line.trim().split("  ")[0]));
      expect(rows.filter((row) => !printed.has(row))).toEqual([]);
    },
    TIMEOUT_MS + 5_000,
  );
});

/** One column of the table between the marks of a page, without its head. */
function tableColumn(path: string, column: number): string[] {
  const text = readFileSync(join(REPOSITORY, "docs", path), "utf8");
  const table = /<!-- measured[\s\S]*<!-- end of what was measured -->/.exec(text)?.[0] ?? "";
  const lines = table.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.split("|")[column]?.trim() ?? "");
}

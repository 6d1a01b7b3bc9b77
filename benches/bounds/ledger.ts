/** The ledger of 32 flags beside the builds that it is made of, and a gzip of each, and no more. */

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureLedger } from "../../src/bundle/analysis/ledger/ledger.ts";
import { openBuildFlags } from "../../src/bundle/flags/open_build_flags.ts";
import { buildEachFlag } from "../support/bare_ledger.ts";
import { type BenchOptions, type Bound, ratioBound } from "../support/bound.ts";
import { writeInput } from "../support/bundle_input.ts";
import { check, compare } from "../support/measure.ts";

const ROUNDS = 3;
const RATIO_MAX = 1.05;

export async function ledgerBounds({ quick }: BenchOptions): Promise<Bound[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bench-")));
  try {
    const input = writeInput(folder, quick ? 20 : 300, !quick);
    const flags = openBuildFlags({ cwd: folder, env: {}, file: input.record });
    const options = { packages: "bundle", target: "bun" } as const;
    const result = await compare(quick ? 1 : ROUNDS, {
      subject: async () => {
        const start = Bun.nanoseconds();
        const ledger = await measureLedger([input.feature], flags, options, new Date());
        const time = Bun.nanoseconds() - start;
        const saved = ledger.flags.reduce((total, { removes }) => total + removes.raw, 0);
        check(ledger.flags.length === 32 && saved > 0, "the ledger is not right");
        return time;
      },
      floor: async () => 1e9 * (await buildEachFlag(input.feature, flags, options)),
    });
    return [ratioBound("ledger of 32 flags / the same builds and gzip", result, RATIO_MAX)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

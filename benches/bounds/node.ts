/** The same library under Node: what the import adds to a program, and a live read. */

import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BenchOptions, type Bound, extraBound, ratioBound } from "../support/bound.ts";
import { installPackages, processorTime, removePackages } from "../support/installed.ts";
import { check, inTurn, type Pair, pairsOf } from "../support/measure.ts";

const IMPORT_MS_MAX = 3;
const READ_RATIO_MAX = 1.5;

export async function nodeBounds({ quick }: BenchOptions): Promise<Bound[]> {
  const folder = installPackages();
  try {
    return [
      importBound(folder, quick ? 2 : 60),
      readBound(folder, quick ? [1_000, 4] : [1_000_000, 41]),
    ];
  } finally {
    removePackages(folder);
  }
}

/** In processor time, as the difference is a fiftieth of what either takes. */
function importBound(folder: string, rounds: number): Bound {
  const ours = join(folder, "importing.mjs");
  const oneLine = join(folder, "one_line.mjs");
  writeFileSync(
    ours,
    'import { config } from "immuconfig"; if (config.features.FLAG_1 !== true) process.exit(1);',
  );
  writeFileSync(oneLine, 'import "one-line";');
  const { base, extra } = inTurn(rounds, {
    base: () => processorTime(["node", oneLine], folder),
    extra: () => processorTime(["node", ours], folder),
  });
  const low = { subject: base + extra, floor: base };
  const name = "Node: import of immuconfig / of a package of one line";
  return extraBound(name, { low }, IMPORT_MS_MAX);
}

function readBound(folder: string, [reads, count]: readonly [number, number]): Bound {
  const script = join(folder, "node_live.mjs");
  copyFileSync(join(import.meta.dir, "..", "children", "node_live.mjs"), script);
  const run = Bun.spawnSync(["node", script, String(reads), String(count)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  check(run.exitCode === 0, `the reader ended with ${run.exitCode}`);
  const pairs = JSON.parse(run.stdout.toString()) as Pair[];
  const name = "Node: live.features.X / a bare Atomics.load";
  return ratioBound(name, pairsOf(pairs), READ_RATIO_MAX);
}

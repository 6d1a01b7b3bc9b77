/** The rows of a few nanoseconds, measured by several processes in turn. */

import { join } from "node:path";
import { merge } from "../support/measure.ts";
import type { ClaimRow } from "./row.ts";

const PROCESSES = 9;
const CHILD_MS_MAX = 60_000;
const script = join(import.meta.dir, "..", "children", "reads.ts");

export function shortRows(quick: boolean): ClaimRow[] {
  const runs = Array.from({ length: quick ? 1 : PROCESSES }, () => runOne(quick));
  const [first = []] = runs;
  return first.map((row, index) => ({
    ...row,
    result: merge(runs.flatMap((rows) => rows[index]?.result ?? [])),
  }));
}

function runOne(quick: boolean): ClaimRow[] {
  const run = Bun.spawnSync([process.execPath, script, ...(quick ? ["--quick"] : [])], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: CHILD_MS_MAX,
  });
  if (run.exitCode !== 0) throw new Error(`claims_bench: ${script} exited with ${run.exitCode}`);
  return JSON.parse(run.stdout.toString()) as ClaimRow[];
}

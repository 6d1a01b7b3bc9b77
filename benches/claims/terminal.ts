/** 144 ns to set the terminal up. */

import { join } from "node:path";
import type { Comparison } from "../support/measure.ts";
import type { ClaimRow, Effort } from "./row.ts";

const CLAIM = { claim: "terminal init", claimNs: 144 } as const;
const CHILD_MS_MAX = 30_000;

/** What the child reports, one comparison a meaning. */
export interface TerminalReport {
  readonly readOnly: Comparison;
  readonly withMode: Comparison;
}

/** Measured by a child inside a pseudo-terminal, whatever this process's own is. */
export async function terminalRows(effort: Effort): Promise<ClaimRow[]> {
  if (process.platform === "win32") return [];
  const report = await measureInTerminal(effort.pairs, effort.times(2_000));
  return [
    {
      ...CLAIM,
      meaning: "size and mode read, in Zig",
      floor: "one bare system call (`getppid`, by `bun:ffi`)",
      result: report.readOnly,
    },
    {
      ...CLAIM,
      meaning: "mode set as the record says, and restored, from JavaScript",
      floor: "one bare system call (`getppid`, by `bun:ffi`)",
      result: report.withMode,
    },
  ];
}

async function measureInTerminal(pairs: number, count: number): Promise<TerminalReport> {
  let output = "";
  const { promise: drained, resolve: onDrained } = Promise.withResolvers<void>();
  const script = join(import.meta.dir, "..", "children", "terminal.ts");
  const child = Bun.spawn([process.execPath, script, String(pairs), String(count)], {
    timeout: CHILD_MS_MAX,
    terminal: {
      rows: 31,
      // The report is one line.
      cols: 65_535,
      data: (_, bytes) => {
        output += Buffer.from(bytes).toString();
      },
      exit: () => onDrained(),
    },
  });
  const exitCode = await child.exited;
  // What it wrote comes before the end of its terminal.
  await drained;
  const report = /report (\{.*\})/.exec(output)?.[1];
  child.terminal?.close();
  if (exitCode !== 0 || report === undefined) {
    throw new Error(`claims_bench: the terminal's child exited with ${exitCode}: ${output}`);
  }
  return JSON.parse(report) as TerminalReport;
}

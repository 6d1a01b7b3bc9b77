/** Runs a program under strace, which can kill it or make a system call fail. */

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run, type RunResult } from "./run.ts";
import { newTemporaryFolder } from "./temp.ts";
import { requireTool } from "./tools.ts";

/** The calls that a durable write, or the replacement of a program, is made of. */
const TRACED =
  "flock,openat,pread64,statx,link,unlink,write,fchmod,fchown,fsync,fdatasync,close,rename";

export interface SystemCall {
  readonly name: string;
  /** Counts the traced calls of this name in the main thread, from 1: strace's `when`. */
  readonly ordinal: number;
  /** Its arguments and result, as strace shows them. */
  readonly text: string;
}

export interface Trace extends RunResult {
  /** Of the main thread, in their order. */
  readonly calls: readonly SystemCall[];
}

/**
 * @param paths only calls on these are traced, counted and made to fail
 * @param fault strace's `-e inject=`, for example `fsync:error=EIO:when=1`
 */
export async function trace(
  command: readonly string[],
  paths: readonly string[],
  fault?: string,
): Promise<Trace> {
  const folder = newTemporaryFolder();
  const log = join(folder, "trace");
  try {
    const result = await run([...straceWords(log, paths, TRACED, fault), ...command]);
    return { ...result, calls: callsIn(log) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The words before a command's own.
 *
 * @param log where it writes what it sees
 * @param traced the names of calls, or `all`
 */
export function straceWords(
  log: string,
  paths: readonly string[],
  traced: string,
  fault?: string,
): string[] {
  return [
    requireTool("strace"),
    // Not --seccomp-bpf: with it, injected signals do not arrive.
    "-f",
    "-o",
    log,
    "-e",
    `trace=${traced}`,
    ...paths.flatMap((path) => ["-P", path]),
    ...(fault === undefined ? [] : ["-e", `inject=${fault}`]),
  ];
}

/** @param log a file that strace wrote */
export function callsIn(log: string): SystemCall[] {
  const lines = readFileSync(log, "utf8")
    .split("\n")
    .map((line) => /^(\d+) +(\w+)\((.*)$/.exec(line));
  const mainThread = lines.find((line) => line !== null)?.[1];
  const counts = new Map<string, number>();
  const calls: SystemCall[] = [];
  for (const line of lines) {
    const [, thread, name, text] = line ?? [];
    if (thread !== mainThread || name === undefined || text === undefined) continue;
    const ordinal = (counts.get(name) ?? 0) + 1;
    counts.set(name, ordinal);
    calls.push({ name, ordinal, text });
  }
  return calls;
}

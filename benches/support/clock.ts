/** The clocks of the system: Bun's own start with the process, and know no other. */

import { dlopen } from "bun:ffi";

const isMac = process.platform === "darwin";
const CLOCK_MONOTONIC = isMac ? 6 : 1;
/** Of the three that a process has under Linux, the one that counts what the scheduler gave it. */
const CPUCLOCK_SCHED = 2;

const { symbols } = dlopen(isMac ? "libSystem.B.dylib" : "libc.so.6", {
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
});
/** A `timespec`: seconds and nanoseconds, 64 bits each, of which the low halves are enough. */
const time = new Uint32Array(4);

/** Nanoseconds; a call costs some 40. */
export function monotonicNs(): number {
  return read(CLOCK_MONOTONIC);
}

/**
 * Processor time of a process, in nanoseconds, with that of threads that have ended. Under Linux.
 *
 * A process has a clock whose number is made of its own (`clock_getcpuclockid`).
 */
export function processorNs(pid: number): number {
  return read((~pid << 3) | CPUCLOCK_SCHED);
}

function read(clock: number): number {
  if (symbols.clock_gettime(clock, time) !== 0) throw new Error(`no clock ${clock}`);
  return (time[0] ?? 0) * 1e9 + (time[2] ?? 0);
}

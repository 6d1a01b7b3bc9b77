/** The monotonic clock that all processes share: Bun's own clocks start with the process. */

import { dlopen } from "bun:ffi";

const isMac = process.platform === "darwin";
const CLOCK_MONOTONIC = isMac ? 6 : 1;

const { symbols } = dlopen(isMac ? "libSystem.B.dylib" : "libc.so.6", {
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
});
/** A `timespec`: seconds and nanoseconds, 64 bits each, of which the low halves are enough. */
const time = new Uint32Array(4);

/** Nanoseconds; a call costs some 40. */
export function monotonicNs(): number {
  if (symbols.clock_gettime(CLOCK_MONOTONIC, time) !== 0) throw new Error("no monotonic clock");
  return (time[0] ?? 0) * 1e9 + (time[2] ?? 0);
}

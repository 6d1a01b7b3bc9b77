/** benches/native_bench.zig, built and opened: loops that time the core from inside. */

import { dlopen } from "bun:ffi";
import { join } from "node:path";
import { runZigBuild } from "../../scripts/zig_build.ts";

const root = join(import.meta.dir, "..", "..");

const SYMBOLS = {
  bench_empty: { returns: "u32" },
  bench_loop: { args: ["u32"], returns: "u32" },
  bench_murmur3: { args: ["ptr", "u32", "u32"], returns: "u32" },
  bench_encode: { args: ["u32"], returns: "u32" },
  bench_find: { args: ["ptr", "u32", "u32"], returns: "u32" },
  bench_terminal_init: { args: ["i32", "u32"], returns: "u32" },
} as const;

export type ZigLoops = ReturnType<typeof dlopen<typeof SYMBOLS>>["symbols"];

/** The library stays open as long as the process. */
export function openZigLoops(): ZigLoops {
  runZigBuild(["bench", "--prefix", join(root, "zig-out")]);
  const suffix = { darwin: "dylib", win32: "dll" }[process.platform as string] ?? "so";
  const name = `${process.platform === "win32" ? "" : "lib"}immuconfig_bench.${suffix}`;
  return dlopen(join(root, "zig-out", "bench", name), SYMBOLS).symbols;
}

/** The three implementations of the native core, for tests that run over all of them. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { NativeCore } from "../../src/native/core/core.ts";
import { openFfiCore } from "../../src/native/core/ffi.ts";
import { tty } from "../../src/native/core/tty.ts";
import { createTypescriptCore } from "../../src/native/core/typescript.ts";
import { openWasmCore } from "../../src/native/core/wasm.ts";

const lib = join(import.meta.dir, "..", "..", "lib");
const libraryName = { darwin: "libimmuconfig.dylib", win32: "immuconfig.dll" };

export const WASM_PATH = join(lib, "immuconfig.wasm");
export const LIBRARY_PATH = join(
  lib,
  `${process.platform}-${process.arch}`,
  process.platform === "darwin" || process.platform === "win32"
    ? libraryName[process.platform]
    : "libimmuconfig.so",
);

/** Every implementation that was built here; setup builds all three where Zig runs. */
export function openCores(): NativeCore[] {
  const cores = [createTypescriptCore(tty)];
  if (existsSync(WASM_PATH)) {
    cores.push(openWasmCore(new WebAssembly.Module(readFileSync(WASM_PATH)), tty));
  }
  if (existsSync(LIBRARY_PATH)) cores.push(openFfiCore(LIBRARY_PATH));
  return cores;
}

/** All three are here; a test that compares them is skipped otherwise. */
export const hasAllCores = existsSync(WASM_PATH) && existsSync(LIBRARY_PATH);

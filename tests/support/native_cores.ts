/** Every implementation of the codec, for tests that run over all of them. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { NativeCore, RecordCore } from "../../src/native/core/core.ts";
import { openAddonCore } from "../../src/native/core/addon_core.ts";
import { openFfiCore } from "../../src/native/core/ffi.ts";
import { openWasmCore } from "../../src/native/core/wasm.ts";
import { REPOSITORY } from "./repository.ts";
import { createTypescriptCore } from "./typescript_core.ts";

const lib = join(REPOSITORY, "lib");
const libraryName = { darwin: "libimmuconfig.dylib", win32: "immuconfig.dll" };

export const WASM_PATH = join(lib, "immuconfig.wasm");
export const LIBRARY_PATH = join(
  lib,
  `${process.platform}-${process.arch}`,
  process.platform === "darwin" || process.platform === "win32"
    ? libraryName[process.platform]
    : "libimmuconfig.so",
);

export type TestedCore = RecordCore & { readonly backend: string };

/** The TypeScript codec and what was built here; setup builds both where Zig runs. */
export function openCores(): TestedCore[] {
  return [createTypescriptCore(), ...openNativeCores()];
}

export function openNativeCores(): NativeCore[] {
  return [
    ...(existsSync(WASM_PATH)
      ? [openWasmCore(new WebAssembly.Module(readFileSync(WASM_PATH)))]
      : []),
    ...(existsSync(LIBRARY_PATH) ? [openFfiCore(LIBRARY_PATH), openAddonCore(LIBRARY_PATH)] : []),
  ];
}

/** All three are here; a test that compares them is skipped otherwise. */
export const hasAllCores = existsSync(WASM_PATH) && existsSync(LIBRARY_PATH);

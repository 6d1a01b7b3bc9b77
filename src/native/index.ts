/** `immuconfig/native`: the record through the Zig core. */

import type { NativeCore } from "./core/core.ts";
import { findLibrary } from "./library.ts";
import { tty } from "./core/tty.ts";
import { createTypescriptCore } from "./core/typescript.ts";
import { openWasmCore } from "./core/wasm.ts";
import { readWasm } from "./wasm_file.ts";

export type {
  Backend,
  FaultName,
  HeaderFields,
  NativeCore,
  TerminalSession,
  TerminalSettings,
  TerminalSize,
  Verdict,
} from "./core/core.ts";

/**
 * The native core: the shared library under Bun, WebAssembly elsewhere, TypeScript where neither
 * was built. `native.backend` says which.
 *
 * @example
 * import { native } from "immuconfig/native";
 * native.load(readFileSync("bunfig.lockb"));
 * native.version(); // 1
 * native.featureByName("DEBUG"); // false
 */
export const native: NativeCore = await openNative();

async function openNative(): Promise<NativeCore> {
  const library = findLibrary();
  if (process.versions.bun !== undefined && library !== undefined) {
    const { openFfiCore } = await import("./core/ffi.ts");
    return openFfiCore(library);
  }
  const module = readWasm();
  return module === undefined ? createTypescriptCore(tty) : openWasmCore(module, tty);
}

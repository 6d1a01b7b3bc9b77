/** `immuconfig/native`: the record through the Zig core. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { NativeCore } from "./core.ts";
import { libraryPath } from "./library_path.ts";
import { tty } from "./tty.ts";
import { createTypescriptCore } from "./typescript.ts";
import { openWasmCore } from "./wasm.ts";
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
} from "./core.ts";

/** From src/native, dist/native and dist/chunks alike. */
const LIB = join(import.meta.dirname, "..", "..", "lib");

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
  const library = libraryPath(LIB);
  if (process.versions.bun !== undefined && existsSync(library)) {
    const { openFfiCore } = await import("./ffi.ts");
    return openFfiCore(library);
  }
  const module = readWasm();
  return module === undefined ? createTypescriptCore(tty) : openWasmCore(module, tty);
}

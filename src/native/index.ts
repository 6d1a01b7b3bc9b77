/** `immuconfig/native`: the record through the Zig core. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { NativeCore } from "./core.ts";
import { tty } from "./tty.ts";
import { createTypescriptCore } from "./typescript.ts";
import { openWasmCore } from "./wasm.ts";

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

const LIBRARY_NAMES: Partial<Record<NodeJS.Platform, string>> = {
  linux: "libimmuconfig.so",
  darwin: "libimmuconfig.dylib",
  win32: "immuconfig.dll",
};

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
  const { platform, arch } = process;
  const library = join(LIB, `${platform}-${arch}`, LIBRARY_NAMES[platform] ?? "");
  if (process.versions.bun !== undefined && existsSync(library)) {
    const { openFfiCore } = await import("./ffi.ts");
    return openFfiCore(library);
  }
  const wasm = join(LIB, "immuconfig.wasm");
  if (existsSync(wasm)) return openWasmCore(new WebAssembly.Module(readFileSync(wasm)), tty);
  return createTypescriptCore(tty);
}

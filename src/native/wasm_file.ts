/** The WebAssembly module of the package. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the module has for every caller. */
export interface WasmExports {
  readonly memory: WebAssembly.Memory;
  immuconfig_abi_version(): number;
  immuconfig_input(): number;
  immuconfig_input_size(): number;
  immuconfig_scratch(): number;
}

/** From src/native, dist/native, dist/chunks and dist/bundle/source alike. */
const LIB = ["../../lib", "../../../lib"] as const;

/** @returns nothing where it was not built */
export function readWasm(): WebAssembly.Module | undefined {
  const paths = LIB.map((lib) => join(import.meta.dirname, lib, "immuconfig.wasm"));
  const path = paths.find((candidate) => existsSync(candidate));
  return path === undefined ? undefined : new WebAssembly.Module(readFileSync(path));
}

/** The WebAssembly module of the package. */

import { readFileSync } from "node:fs";
import { findWasm } from "./library.ts";

/** What the module has for every caller. */
export interface WasmExports {
  readonly memory: WebAssembly.Memory;
  immuconfig_abi_version(): number;
  immuconfig_input(): number;
  immuconfig_input_size(): number;
  immuconfig_scratch(): number;
}

/** @returns nothing where it was not built */
export function readWasm(): WebAssembly.Module | undefined {
  const path = findWasm();
  return path === undefined ? undefined : new WebAssembly.Module(readFileSync(path));
}

/**
 * The scan of src/bundle/source/fast_scan/fast_scan.zig: by the shared library under Bun, where it starts
 * sooner and runs cold code faster, by WebAssembly elsewhere.
 */

import { loadAddon } from "../../../native/addon.ts";
import { ABI_VERSION, SOURCE_CALL, SOURCE_SPAN } from "../../../native/abi.ts";
import { findLibrary } from "../../../native/library.ts";
import { readWasm, type WasmExports } from "../../../native/wasm_file.ts";

export interface Scanner {
  /** Takes the source, in UTF-8. */
  readonly input: Uint8Array;
  /** The place of the import (`SOURCE_SPAN`) and, behind it, the calls (`SOURCE_CALL`). */
  readonly results: Uint32Array;
  /**
   * @param size of the source, in bytes
   * @param isTypescriptOnly whether the file's name rules out JSX
   * @returns how many calls there are; undefined when the source must be parsed to be sure
   */
  find(size: number, isTypescriptOnly: boolean): number | undefined;
}

interface WasmScanner extends WasmExports {
  immuconfig_fast_scan(
    text: number,
    length: number,
    isTypescriptOnly: number,
    span: number,
    calls: number,
    capacity: number,
  ): number;
}

/** Sources that are larger have to be parsed; hardly any is. */
const ADDON_INPUT_SIZE = 1024 * 1024;
/** What the module has for results, in bytes; the addon gets as much. */
const RESULTS_SIZE = 64 * 1024;
const CALLS_MAX = Math.floor((RESULTS_SIZE - SOURCE_SPAN.SIZE) / SOURCE_CALL.SIZE);

/** @returns nothing where neither was built */
export function openScanner(): Scanner | undefined {
  return openAddonScanner() ?? openWasmScanner();
}

/** @returns nothing under Node, and where the library is missing or addons are switched off */
export function openAddonScanner(): Scanner | undefined {
  const library = findLibrary();
  if (process.versions.bun === undefined || library === undefined) return undefined;
  try {
    const addon = loadAddon(library);
    const input = new Uint8Array(ADDON_INPUT_SIZE);
    const results = new Uint32Array(RESULTS_SIZE / 4);
    const find = (size: number, isTypescriptOnly: boolean): number | undefined =>
      addon.fastScan(input, size, isTypescriptOnly ? 1 : 0, results);
    return { input, results, find };
  } catch {
    return undefined;
  }
}

/** @returns nothing where the module was not built, or is another release's */
export function openWasmScanner(): Scanner | undefined {
  const module = readWasm();
  if (module === undefined) return undefined;
  const wasm = new WebAssembly.Instance(module).exports as unknown as WasmScanner;
  if (wasm.immuconfig_abi_version() !== ABI_VERSION) return undefined;
  const { buffer } = wasm.memory;
  const inputAt = wasm.immuconfig_input();
  const resultsAt = wasm.immuconfig_scratch();
  const callsAt = resultsAt + SOURCE_SPAN.SIZE;
  return {
    input: new Uint8Array(buffer, inputAt, wasm.immuconfig_input_size()),
    results: new Uint32Array(buffer, resultsAt, RESULTS_SIZE / 4),
    find(size, isTypescriptOnly) {
      const typescript = isTypescriptOnly ? 1 : 0;
      const count = wasm.immuconfig_fast_scan(
        inputAt,
        size,
        typescript,
        resultsAt,
        callsAt,
        CALLS_MAX,
      );
      return count < 0 ? undefined : count;
    },
  };
}

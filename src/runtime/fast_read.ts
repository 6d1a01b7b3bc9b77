/**
 * The project's record in one call of the native library (src/runtime/fast_read.zig), for a program
 * that has just started: loading node:fs and running the codec for the first time cost it many times
 * more (docs/adr/0004-the-first-read-is-native.md). Without this file, and wherever it cannot say,
 * `loadRecord` of loaded_record.ts gives the same.
 */

import type { StartAddon, ViewRequest } from "../native/addon.ts";
import { libraryPath } from "../native/library.ts";
import type { LoadedRecord } from "./loaded_record.ts";

/**
 * Finds, reads and verifies the project's file. The library takes all steps, because each function
 * that runs for the first time slows the start down.
 *
 * @returns the record, nothing of it frozen; undefined when the library cannot say: it is missing, the Bun
 * is too old, or the file is missing, broken, signed, or out of the ordinary. The store and the codec then
 * give the record or the reason.
 */
export function fastRead(request: ViewRequest): LoadedRecord | undefined {
  const module = { exports: {} as StartAddon };
  try {
    process.dlopen(module, libraryPath());
    const text = module.exports.view(request);
    return text === undefined ? undefined : (JSON.parse(text) as LoadedRecord);
  } catch {
    return undefined;
  }
}

/** The native view of a file, and what the store and the codec say of the same. */

import { loadAddon } from "../../src/native/addon.ts";
import { type LoadedRecord, loadRecord } from "../../src/runtime/loaded_record.ts";
import { LIBRARY_PATH } from "./native_cores.ts";

export interface ViewRequest {
  readonly cwd: string;
  readonly program?: string;
  readonly named?: string;
  readonly pin?: string;
  /** The user's file of trusted keys. */
  readonly trust?: string;
}

/** Asks the library as `fastRead` does, but opens it once for many questions. */
export function openNativeView(): (request: ViewRequest) => LoadedRecord | undefined {
  const addon = loadAddon(LIBRARY_PATH);
  return ({ cwd, program = "", named = "", pin = "", trust = "" }) => {
    const text = addon.view(cwd, program, named, "", pin, "", trust);
    return text === undefined ? undefined : (JSON.parse(text) as LoadedRecord);
  };
}

/** @throws what the store, the codec and the pin throw */
export function readView({ cwd, program, named, pin }: ViewRequest): LoadedRecord {
  return loadRecord({ cwd, program, env: { IMMUCONFIG_PIN: pin }, file: named });
}

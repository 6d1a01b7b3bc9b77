/** The native view of a file, and what the store and the codec say of the same. */

import { loadAddon, type ViewRequest } from "../../src/native/addon.ts";
import { type LoadedRecord, loadRecord } from "../../src/runtime/loaded_record.ts";
import { programFolder } from "../../src/runtime/program.ts";
import { LIBRARY_PATH } from "./native_cores.ts";

type Question = Pick<ViewRequest, "cwd"> & Partial<ViewRequest>;

/** Asks the library as `fastRead` does, but opens it once for many questions. */
export function openNativeView(): (question: Question) => LoadedRecord | undefined {
  const addon = loadAddon(LIBRARY_PATH);
  return (question) => {
    const text = addon.view({ env: {}, isOwn: 0, ...question });
    return text === undefined ? undefined : (JSON.parse(text) as LoadedRecord);
  };
}

/** @throws what the store, the codec and the pin throw */
export function readView({ cwd, main, file, env = {} }: Question): LoadedRecord {
  return loadRecord({ cwd, env, program: programFolder(main, cwd), file });
}

/** The native view of a file, and what the store and the codec say of the same. */

import { loadAddon } from "../../src/native/addon.ts";
import type { FastView } from "../../src/runtime/fast_read.ts";
import { findPin, pinValue } from "../../src/runtime/pin.ts";
import { snapshot } from "../../src/runtime/snapshot.ts";
import { requireFile } from "../../src/store/find.ts";
import { realFilePath } from "../../src/store/real_path.ts";
import { readConfigFile } from "../../src/trust/verified.ts";
import { LIBRARY_PATH } from "./native_cores.ts";

export interface ViewRequest {
  readonly cwd: string;
  readonly named?: string;
  readonly pin?: string;
}

/** Asks the library as `fastRead` does, but opens it once for many questions. */
export function openNativeView(): (request: ViewRequest) => FastView | undefined {
  const addon = loadAddon(LIBRARY_PATH);
  return ({ cwd, named = "", pin = "" }) => {
    const text = addon.view(cwd, named, pin);
    return text === undefined ? undefined : (JSON.parse(text) as FastView);
  };
}

/** @throws what the store, the codec and the pin throw */
export function readView({ cwd, named, pin }: ViewRequest): FastView {
  const env = { IMMUCONFIG_PIN: pin };
  const path = requireFile({ cwd, env, file: named });
  const file = readConfigFile(path, env);
  const pinned = findPin(env, path)?.record;
  const config = snapshot(file, pinned);
  return {
    config,
    frozen: file.frozen,
    pinned: pinned !== undefined,
    path: realFilePath(path),
    pin: pinValue(env, path, config.record) ?? "",
    flags: file.flags.map(({ bit, name }) => {
      const { retired, expires } = file.meta.flags?.[name] ?? {};
      return {
        bit,
        name,
        ...(retired === undefined ? {} : { retired }),
        ...(expires === undefined ? {} : { expires }),
      };
    }),
  };
}

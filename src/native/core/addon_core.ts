/** The native core through the shared library as a Node-API addon, for programs without `bun:ffi`. */

import { ImmuconfigError } from "../../base/errors.ts";
import { loadAddon } from "../addon.ts";
import { ABI_VERSION } from "../abi.ts";
import type { NativeCore } from "./core.ts";
import { type CoreLibrary, libraryCore, wrongAbi } from "./library_core.ts";

/**
 * Opens the shared library.
 *
 * @throws ImmuconfigError `ERR_READ` when it cannot be loaded, `ERR_ABI` when it is of another release
 */
export function openAddonCore(path: string): NativeCore {
  const lib = load(path);
  const abi = lib.immuconfig_abi_version?.();
  if (abi !== ABI_VERSION) throw wrongAbi(path, abi);
  return libraryCore("addon", lib as CoreLibrary);
}

/** One of another release may lack any of the functions. */
function load(path: string): Partial<CoreLibrary> {
  try {
    return loadAddon(path) as Partial<CoreLibrary>;
  } catch (cause) {
    throw new ImmuconfigError("ERR_READ", `cannot load the native library ${path}`, { cause });
  }
}

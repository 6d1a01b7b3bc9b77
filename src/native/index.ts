/** `immuconfig/native`: the record through the Zig core. */

import { requireBun } from "../base/bun_version.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { trustsKeys } from "../trust/trust_store.ts";
import { verifyBytes } from "../trust/verified.ts";
import type { NativeCore } from "./core/core.ts";
import { openAddonCore } from "./core/addon_core.ts";
import { openFfiCore } from "./core/ffi.ts";
import { openWasmCore } from "./core/wasm.ts";
import { findLibrary } from "./library.ts";
import { readWasm } from "./wasm_file.ts";
import { ownEnvironment } from "../runtime/own_environment.ts";

export type { Backend, FaultName, HeaderFields, NativeCore, Verdict } from "./core/core.ts";
export type { TerminalSession, TerminalSettings, TerminalSize } from "./terminal.ts";

/**
 * The native core: the shared library, by `bun:ffi` under Bun and as an addon under Node, and
 * WebAssembly where it cannot be loaded. `native.backend` says which.
 *
 * Importing it throws ImmuconfigError `ERR_UNSUPPORTED` where neither was built, and `ERR_ABI` where
 * what is there is of another release.
 *
 * @example
 * import { native } from "immuconfig/native";
 * native.load(readFileSync("bunfig.lockb"));
 * native.version(); // 1
 * native.featureByName("DEBUG"); // false
 */
export const native: NativeCore = believing(openLibraryCore() ?? openModuleCore());

/**
 * The rule for signatures, which the core itself does not know: `load` throws `ERR_SIGNATURE` for a
 * sound file that is not signed as it must be on this machine (docs/security.md).
 */
function believing(core: NativeCore): NativeCore {
  return {
    ...core,
    load(bytes) {
      const { fault, signed } = core.verify(bytes);
      if (fault === "none" && (signed || trustsKeys(ownEnvironment()))) {
        verifyBytes(bytes.slice(), undefined, ownEnvironment());
      }
      return core.load(bytes);
    },
  };
}

/** @returns nothing where the library is missing or cannot be loaded */
function openLibraryCore(): NativeCore | undefined {
  requireBun();
  const library = findLibrary();
  if (library === undefined) return undefined;
  try {
    return process.versions.bun === undefined ? openAddonCore(library) : openFfiCore(library);
  } catch (error) {
    if (error instanceof ImmuconfigError && error.code === "ERR_READ") return undefined;
    throw error;
  }
}

function openModuleCore(): NativeCore {
  const module = readWasm();
  if (module !== undefined) return openWasmCore(module);
  throw new ImmuconfigError("ERR_UNSUPPORTED", "the native core was not built for this platform", {
    hint: "In a checkout, `bun run build:native` builds it.",
  });
}

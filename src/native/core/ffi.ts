/** The native core through the shared library and `bun:ffi`. */

import { ImmuconfigError } from "../../base/errors.ts";
import { FLAG_WORDS_SIZE } from "../../format/flag_set.ts";
import { HEADER_SIZE } from "../../format/layout.ts";
import { ABI_VERSION } from "../abi.ts";
import { bunFfi } from "../bun_ffi.ts";
import { TERMINAL_SYMBOLS } from "../terminal.ts";
import type { NativeCore } from "./core.ts";
import { libraryCore, wrongAbi } from "./library_core.ts";

const BYTES = ["ptr", "u32"] as const;

const SYMBOLS = {
  immuconfig_abi_version: { returns: "u32" },
  immuconfig_verify: { args: [...BYTES, "ptr"], returns: "u32" },
  immuconfig_verify_record: { args: [...BYTES, "ptr"], returns: "u32" },
  immuconfig_encode: { args: ["ptr", ...BYTES, "ptr"], returns: "u32" },
  immuconfig_murmur3: { args: [...BYTES, "u32"], returns: "u32" },
  immuconfig_crc64: { args: [...BYTES, "ptr"], returns: "void" },
  immuconfig_canonical_url: { args: [...BYTES, "ptr"], returns: "i32" },
  immuconfig_load: { args: [...BYTES, "ptr"], returns: "u32" },
  immuconfig_header: { returns: "ptr" },
  immuconfig_version: { returns: "u32" },
  immuconfig_generation: { returns: "u32" },
  immuconfig_flags: { returns: "ptr" },
  immuconfig_feature: { args: ["u32"], returns: "bool" },
  immuconfig_feature_by_name: { args: [...BYTES], returns: "i32" },
  ...TERMINAL_SYMBOLS,
} as const;

type Library = ReturnType<typeof import("bun:ffi").dlopen<typeof SYMBOLS>>["symbols"];

/**
 * Opens the shared library. It is never closed, so its memory is valid as long as the process.
 *
 * @throws ImmuconfigError `ERR_READ` when it cannot be loaded, `ERR_ABI` when it is of another release
 */
export function openFfiCore(path: string): NativeCore {
  const lib = openLibrary(path);
  const headerAddress = lib.immuconfig_header();
  const flagsAddress = lib.immuconfig_flags();
  if (headerAddress === null || flagsAddress === null) {
    throw new ImmuconfigError("ERR_READ", `${path} has no record`);
  }
  const { toArrayBuffer } = bunFfi();
  return libraryCore("ffi", {
    ...lib,
    immuconfig_header: () => toArrayBuffer(headerAddress, 0, HEADER_SIZE),
    immuconfig_flags: () => toArrayBuffer(flagsAddress, 0, FLAG_WORDS_SIZE),
  });
}

function openLibrary(path: string): Library {
  const { dlopen } = bunFfi();
  try {
    // Alone first: a library of another release may lack the others.
    const { symbols } = dlopen(path, { immuconfig_abi_version: SYMBOLS.immuconfig_abi_version });
    const abi = symbols.immuconfig_abi_version();
    if (abi === ABI_VERSION) return dlopen(path, SYMBOLS).symbols;
    throw wrongAbi(path, abi);
  } catch (cause) {
    if (cause instanceof ImmuconfigError) throw cause;
    throw new ImmuconfigError("ERR_READ", `cannot load the native library ${path}`, { cause });
  }
}

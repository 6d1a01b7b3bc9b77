/** The native core through the shared library and `bun:ffi`. */

import { ImmuconfigError } from "../../base/errors.ts";
import { FLAG_WORDS_SIZE, flagSetOfWords } from "../../format/flag_set.ts";
import { HEADER_SIZE } from "../../format/layout.ts";
import { canonicalRegistryUrl } from "../../format/registry_url.ts";
import { ABI_VERSION, FAULT, FIELDS } from "../abi.ts";
import { bunFfi } from "../bun_ffi.ts";
import { TERMINAL_SYMBOLS, terminalsOf } from "../terminal.ts";
import type { NativeCore } from "./core.ts";
import { faultName, readVerdict, VERDICT_WORDS, writeFields } from "./structs.ts";

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

const utf8 = new TextEncoder();
const ascii = new TextDecoder();
/** `bun:ffi` takes no pointer of an empty array; no byte of this one is read. */
const NO_BYTES = new Uint8Array(1);

/**
 * Opens the shared library. It is never closed, so its memory is valid as long as the process.
 *
 * @throws ImmuconfigError `ERR_READ` when it cannot be loaded, `ERR_ABI` when it is of another release
 */
export function openFfiCore(path: string): NativeCore {
  const lib = openLibrary(path);
  const verdict = new Uint32Array(VERDICT_WORDS);
  const fields = new Uint8Array(FIELDS.SIZE);
  const fieldsView = new DataView(fields.buffer);
  const crc = new Uint32Array(2);
  const headerAddress = lib.immuconfig_header();
  const flagsAddress = lib.immuconfig_flags();
  if (headerAddress === null || flagsAddress === null) {
    throw new ImmuconfigError("ERR_READ", `${path} has no record`);
  }
  const { toArrayBuffer } = bunFfi();
  const flagWords = new Uint32Array(toArrayBuffer(flagsAddress, 0, FLAG_WORDS_SIZE));

  return {
    backend: "ffi",
    verify(bytes) {
      lib.immuconfig_verify(pointable(bytes), bytes.length, verdict);
      return readVerdict(verdict);
    },
    verifyRecord(bytes) {
      lib.immuconfig_verify_record(pointable(bytes), bytes.length, verdict);
      return readVerdict(verdict);
    },
    encodeHeader(values, body) {
      writeFields(fieldsView, values, body);
      const header = new Uint8Array(HEADER_SIZE);
      const fault = lib.immuconfig_encode(fields, pointable(body), body.length, header);
      if (fault !== FAULT.none) throw new Error(`checked fields: ${faultName(fault)}`);
      return header;
    },
    canonicalRegistryUrl(url) {
      const bytes = utf8.encode(url);
      const out = new Uint8Array(bytes.length + 1);
      const length = lib.immuconfig_canonical_url(pointable(bytes), bytes.length, out);
      return length < 0 ? canonicalRegistryUrl(url) : ascii.decode(out.subarray(0, length));
    },
    murmurHash3: (bytes, seed = 0) =>
      lib.immuconfig_murmur3(pointable(bytes), bytes.length, seed >>> 0),
    crc64(bytes, previous) {
      crc[0] = previous?.low ?? 0;
      crc[1] = previous?.high ?? 0;
      lib.immuconfig_crc64(pointable(bytes), bytes.length, crc);
      return { low: crc[0], high: crc[1] };
    },
    load(bytes) {
      lib.immuconfig_load(pointable(bytes), bytes.length, verdict);
      return readVerdict(verdict);
    },
    header: new Uint8Array(toArrayBuffer(headerAddress, 0, HEADER_SIZE)),
    version: lib.immuconfig_version,
    generation: lib.immuconfig_generation,
    flags: () => flagSetOfWords(flagWords),
    feature: lib.immuconfig_feature,
    featureByName(name) {
      const bytes = utf8.encode(name);
      const answer = lib.immuconfig_feature_by_name(pointable(bytes), bytes.length);
      return answer === -1 ? undefined : answer === 1;
    },
    ...terminalsOf(lib),
  };
}

function openLibrary(path: string): Library {
  const { dlopen } = bunFfi();
  try {
    // Alone first: a library of another release may lack the others.
    const { symbols } = dlopen(path, { immuconfig_abi_version: SYMBOLS.immuconfig_abi_version });
    const abi = symbols.immuconfig_abi_version();
    if (abi === ABI_VERSION) return dlopen(path, SYMBOLS).symbols;
    throw new ImmuconfigError(
      "ERR_ABI",
      `${path} has ABI version ${abi}, and this release needs ${ABI_VERSION}`,
    );
  } catch (cause) {
    if (cause instanceof ImmuconfigError) throw cause;
    throw new ImmuconfigError("ERR_READ", `cannot load the native library ${path}`, { cause });
  }
}

function pointable(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? NO_BYTES : bytes;
}

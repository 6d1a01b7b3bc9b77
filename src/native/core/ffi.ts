/** The native core through the shared library and `bun:ffi`. Loaded only under Bun. */

import { dlopen, toArrayBuffer } from "bun:ffi";
import { ImmuconfigError } from "../../base/errors.ts";
import { HEADER_SIZE } from "../../format/layout.ts";
import { TERMINAL_MODES } from "../../format/record.ts";
import { canonicalRegistryUrl } from "../../format/registry_url.ts";
import type { NativeCore, TerminalSession, TerminalSettings, TerminalSize } from "./core.ts";
import { checkTerminal, notATerminal } from "./core.ts";
import { writeFields } from "./fields.ts";
import { ABI_VERSION, FAULT, FIELDS, TERMINAL_SAVED, TERMINAL_SIZE } from "../abi.ts";
import { faultName, readVerdict, VERDICT_WORDS } from "./verdict.ts";

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
  immuconfig_flags: { returns: "u32" },
  immuconfig_feature: { args: ["u32"], returns: "bool" },
  immuconfig_feature_by_name: { args: [...BYTES], returns: "i32" },
  immuconfig_terminal_size: { args: ["i32", "ptr"], returns: "u32" },
  immuconfig_terminal_init: {
    args: ["i32", "u32", "u32", "u32", "ptr", "ptr"],
    returns: "u32",
  },
  immuconfig_terminal_restore: { args: ["i32", "ptr"], returns: "u32" },
} as const;

type Library = ReturnType<typeof dlopen<typeof SYMBOLS>>["symbols"];

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
  if (headerAddress === null) throw new ImmuconfigError("ERR_READ", `${path} has no header`);

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
    flags: lib.immuconfig_flags,
    feature: lib.immuconfig_feature,
    featureByName(name) {
      const bytes = utf8.encode(name);
      const answer = lib.immuconfig_feature_by_name(pointable(bytes), bytes.length);
      return answer === -1 ? undefined : answer === 1;
    },
    terminalSize: (fd) => terminalSize(lib, fd),
    terminalInit: (fd, settings) => terminalInit(lib, fd, settings),
  };
}

function openLibrary(path: string): Library {
  let library;
  try {
    library = dlopen(path, SYMBOLS);
  } catch (cause) {
    throw new ImmuconfigError("ERR_READ", `cannot load the native library ${path}`, { cause });
  }
  const abi = library.symbols.immuconfig_abi_version();
  if (abi !== ABI_VERSION) {
    library.close();
    throw new ImmuconfigError(
      "ERR_ABI",
      `${path} has ABI version ${abi}, and this release needs ${ABI_VERSION}`,
    );
  }
  return library.symbols;
}

function pointable(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? NO_BYTES : bytes;
}

function terminalSize(lib: Library, fd: number): TerminalSize {
  const size = new Uint32Array(TERMINAL_SIZE.SIZE / 4);
  checkTerminalFault(lib.immuconfig_terminal_size(fd, size), fd);
  return readSize(size);
}

function terminalInit(lib: Library, fd: number, settings: TerminalSettings): TerminalSession {
  checkTerminal(settings);
  const size = new Uint32Array(TERMINAL_SIZE.SIZE / 4);
  const saved = new BigUint64Array(TERMINAL_SAVED.SIZE / 8);
  const { mode, rows, cols } = settings;
  checkTerminalFault(
    lib.immuconfig_terminal_init(fd, TERMINAL_MODES.indexOf(mode), rows, cols, saved, size),
    fd,
  );
  return {
    ...readSize(size),
    restore: () => checkTerminalFault(lib.immuconfig_terminal_restore(fd, saved), fd),
  };
}

function readSize(size: Uint32Array): TerminalSize {
  return {
    rows: size[TERMINAL_SIZE.rows / 4] ?? 0,
    cols: size[TERMINAL_SIZE.cols / 4] ?? 0,
  };
}

function checkTerminalFault(fault: number, fd: number): void {
  if (fault === FAULT.none) return;
  if (fault === FAULT.notATerminal) throw notATerminal(fd);
  throw new ImmuconfigError("ERR_READ", `terminal ${fd}: the system refused`);
}

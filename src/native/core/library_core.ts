/** The native core through the functions of the shared library, whoever calls them. */

import { ImmuconfigError } from "../../base/errors.ts";
import { flagSetOfWords } from "../../format/flag_set.ts";
import { HEADER_SIZE } from "../../format/layout.ts";
import { canonicalRegistryUrl } from "../../format/registry_url.ts";
import { ABI_VERSION, FAULT, FIELDS } from "../abi.ts";
import { type TerminalLibrary, terminalsOf } from "../terminal.ts";
import type { Backend, NativeCore } from "./core.ts";
import { faultName, readVerdict, VERDICT_WORDS, writeFields } from "./structs.ts";

/** The library's functions (src/ffi/config.zig): bytes and their length, structs as typed arrays. */
export interface CoreLibrary extends TerminalLibrary {
  immuconfig_abi_version(): number;
  immuconfig_verify(bytes: Uint8Array, length: number, verdict: Uint32Array): number;
  immuconfig_verify_record(bytes: Uint8Array, length: number, verdict: Uint32Array): number;
  immuconfig_encode(
    fields: Uint8Array,
    body: Uint8Array,
    length: number,
    header: Uint8Array,
  ): number;
  immuconfig_murmur3(bytes: Uint8Array, length: number, seed: number): number;
  immuconfig_crc64(bytes: Uint8Array, length: number, crc: Uint32Array): void;
  immuconfig_canonical_url(url: Uint8Array, length: number, out: Uint8Array): number;
  immuconfig_load(bytes: Uint8Array, length: number, verdict: Uint32Array): number;
  immuconfig_header(): ArrayBuffer;
  immuconfig_version(): number;
  immuconfig_generation(): number;
  immuconfig_flags(): ArrayBuffer;
  immuconfig_feature(bit: number): boolean;
  immuconfig_feature_by_name(name: Uint8Array, length: number): number;
}

const utf8 = new TextEncoder();
const ascii = new TextDecoder();
/** `bun:ffi` takes no pointer of an empty array; no byte of this one is read. */
const NO_BYTES = new Uint8Array(1);

export function libraryCore(backend: Backend, lib: CoreLibrary): NativeCore {
  const verdict = new Uint32Array(VERDICT_WORDS);
  // Words, for their alignment.
  const fields = new Uint8Array(new Uint32Array(FIELDS.SIZE / 4).buffer);
  const fieldsView = new DataView(fields.buffer);
  const crc = new Uint32Array(new BigUint64Array(1).buffer);
  const flagWords = new Uint32Array(lib.immuconfig_flags());

  return {
    backend,
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
    header: new Uint8Array(lib.immuconfig_header()),
    version: () => lib.immuconfig_version(),
    generation: () => lib.immuconfig_generation(),
    flags: () => flagSetOfWords(flagWords),
    feature: (bit) => lib.immuconfig_feature(bit),
    featureByName(name) {
      const bytes = utf8.encode(name);
      const answer = lib.immuconfig_feature_by_name(pointable(bytes), bytes.length);
      return answer === -1 ? undefined : answer === 1;
    },
    ...terminalsOf(lib),
  };
}

/** A library of another release (code `ERR_ABI`). */
export function wrongAbi(path: string, abi: number | undefined): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_ABI",
    `${path} has ABI version ${abi ?? "none"}, and this release needs ${ABI_VERSION}`,
  );
}

function pointable(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? NO_BYTES : bytes;
}

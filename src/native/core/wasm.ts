/** The native core through WebAssembly: the same Zig code, in a memory of its own. */

import { ImmuconfigError, valueError } from "../../base/errors.ts";
import { canonicalRegistryUrl } from "../../format/registry_url.ts";
import { REGISTRY_URL_SIZE_MAX } from "../../base/limits.ts";
import type { NativeCore, TerminalAccess } from "./core.ts";
import { writeFields } from "./fields.ts";
import { HEADER_SIZE } from "../../format/layout.ts";
import { ABI_VERSION, FAULT, FIELDS } from "../abi.ts";
import { faultName, readVerdict, VERDICT_WORDS } from "./verdict.ts";
import type { WasmExports } from "../wasm_file.ts";

interface Exports extends WasmExports {
  immuconfig_verify(bytes: number, length: number, out: number): number;
  immuconfig_verify_record(bytes: number, length: number, out: number): number;
  immuconfig_encode(fields: number, body: number, length: number, out: number): number;
  immuconfig_murmur3(bytes: number, length: number, seed: number): number;
  immuconfig_crc64(bytes: number, length: number, crc: number): void;
  immuconfig_canonical_url(url: number, length: number, out: number): number;
  immuconfig_load(bytes: number, length: number, out: number): number;
  immuconfig_header(): number;
  immuconfig_version(): number;
  immuconfig_generation(): number;
  immuconfig_flags(): number;
  immuconfig_feature(mask: number): number;
  immuconfig_feature_by_name(name: number, length: number): number;
}

// Where the structs of one call lie in the scratch memory.
const VERDICT_AT = 0;
const FIELDS_AT = 64;
const HEADER_AT = 128;
const CRC_AT = 256;
const URL_AT = 512;

const utf8 = new TextEncoder();
const ascii = new TextDecoder();

/**
 * Instantiates lib/immuconfig.wasm. Its memory never grows, so views of it stay valid.
 *
 * @throws ImmuconfigError `ERR_ABI` when the module is of another release
 */
export function openWasmCore(module: WebAssembly.Module, terminal: TerminalAccess): NativeCore {
  const wasm = new WebAssembly.Instance(module).exports as unknown as Exports;
  if (wasm.immuconfig_abi_version() !== ABI_VERSION) {
    throw new ImmuconfigError("ERR_ABI", "immuconfig.wasm is of another release");
  }
  const { buffer } = wasm.memory;
  const inputAt = wasm.immuconfig_input();
  const input = new Uint8Array(buffer, inputAt, wasm.immuconfig_input_size());
  const scratchAt = wasm.immuconfig_scratch();
  const verdictAt = scratchAt + VERDICT_AT;
  const verdict = new Uint32Array(buffer, verdictAt, VERDICT_WORDS);
  const fields = new DataView(buffer, scratchAt + FIELDS_AT, FIELDS.SIZE);
  const encoded = new Uint8Array(buffer, scratchAt + HEADER_AT, HEADER_SIZE);
  const crc = new Uint32Array(buffer, scratchAt + CRC_AT, 2);

  /** Copies the bytes in. More than the core takes is cut after the byte that is one too many. */
  function put(bytes: Uint8Array): number {
    const fitting = bytes.length > input.length ? bytes.subarray(0, input.length) : bytes;
    input.set(fitting);
    return fitting.length;
  }
  function putWhole(bytes: Uint8Array): number {
    if (bytes.length > input.length) throw valueError(`at most ${input.length} bytes are hashed`);
    return put(bytes);
  }

  return {
    backend: "wasm",
    verify(bytes) {
      wasm.immuconfig_verify(inputAt, put(bytes), verdictAt);
      return readVerdict(verdict);
    },
    verifyRecord(bytes) {
      wasm.immuconfig_verify_record(inputAt, put(bytes), verdictAt);
      return readVerdict(verdict);
    },
    encodeHeader(values, body) {
      writeFields(fields, values, body);
      const out = scratchAt + HEADER_AT;
      const fault = wasm.immuconfig_encode(scratchAt + FIELDS_AT, inputAt, put(body), out);
      if (fault !== FAULT.none) throw new Error(`checked fields: ${faultName(fault)}`);
      return encoded.slice();
    },
    canonicalRegistryUrl(url) {
      const bytes = utf8.encode(url);
      if (bytes.length > REGISTRY_URL_SIZE_MAX) return canonicalRegistryUrl(url);
      const length = wasm.immuconfig_canonical_url(inputAt, put(bytes), scratchAt + URL_AT);
      return length < 0
        ? canonicalRegistryUrl(url)
        : ascii.decode(new Uint8Array(buffer, scratchAt + URL_AT, length));
    },
    murmurHash3: (bytes, seed = 0) =>
      wasm.immuconfig_murmur3(inputAt, putWhole(bytes), seed >>> 0) >>> 0,
    crc64(bytes, previous) {
      crc[0] = previous?.low ?? 0;
      crc[1] = previous?.high ?? 0;
      wasm.immuconfig_crc64(inputAt, putWhole(bytes), scratchAt + CRC_AT);
      return { low: crc[0], high: crc[1] };
    },
    load(bytes) {
      wasm.immuconfig_load(inputAt, put(bytes), verdictAt);
      return readVerdict(verdict);
    },
    header: new Uint8Array(buffer, wasm.immuconfig_header(), HEADER_SIZE),
    version: () => wasm.immuconfig_version(),
    generation: () => wasm.immuconfig_generation() >>> 0,
    flags: () => wasm.immuconfig_flags() >>> 0,
    feature: (mask) => wasm.immuconfig_feature(mask) === 1,
    featureByName(name) {
      const answer = wasm.immuconfig_feature_by_name(inputAt, put(utf8.encode(name)));
      return answer === -1 ? undefined : answer === 1;
    },
    ...terminal,
  };
}

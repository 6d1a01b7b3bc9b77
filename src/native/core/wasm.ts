/** The native core through WebAssembly: the same Zig code, in a memory of its own. */

import { ImmuconfigError, valueError } from "../../base/errors.ts";
import { canonicalRegistryUrl } from "../../format/registry_url.ts";
import { REGISTRY_URL_SIZE_MAX } from "../../base/limits.ts";
import { FLAG_WORDS_SIZE, flagSetOfWords } from "../../format/flag_set.ts";
import { HEADER_SIZE } from "../../format/layout.ts";
import { ABI_VERSION, FAULT, FIELDS } from "../abi.ts";
import type { TerminalAccess } from "../terminal.ts";
import type { WasmExports } from "../wasm_file.ts";
import type { NativeCore } from "./core.ts";
import { faultName, readVerdict, VERDICT_WORDS, writeFields } from "./structs.ts";

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
  immuconfig_feature(bit: number): number;
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

/** A module has no terminal to reach. */
const NO_TERMINALS: TerminalAccess = { terminalSize: refuseTerminal, terminalInit: refuseTerminal };

/**
 * Instantiates lib/immuconfig.wasm. Its memory never grows, so views of it stay valid.
 *
 * @throws ImmuconfigError `ERR_ABI` when the module is of another release
 */
export function openWasmCore(module: WebAssembly.Module): NativeCore {
  const wasm = new WebAssembly.Instance(module).exports as unknown as Exports;
  if (wasm.immuconfig_abi_version() !== ABI_VERSION) {
    throw new ImmuconfigError("ERR_ABI", "immuconfig.wasm is of another release");
  }
  const memory = new Memory(wasm);
  const { inputAt, scratchAt } = memory;
  return {
    backend: "wasm",
    verify(bytes) {
      wasm.immuconfig_verify(inputAt, memory.put(bytes), scratchAt + VERDICT_AT);
      return readVerdict(memory.verdict);
    },
    verifyRecord(bytes) {
      wasm.immuconfig_verify_record(inputAt, memory.put(bytes), scratchAt + VERDICT_AT);
      return readVerdict(memory.verdict);
    },
    encodeHeader(values, body) {
      writeFields(memory.fields, values, body);
      const size = memory.put(body);
      const out = scratchAt + HEADER_AT;
      const fault = wasm.immuconfig_encode(scratchAt + FIELDS_AT, inputAt, size, out);
      if (fault !== FAULT.none) throw new Error(`checked fields: ${faultName(fault)}`);
      return memory.encoded.slice();
    },
    canonicalRegistryUrl(url) {
      const bytes = utf8.encode(url);
      if (bytes.length > REGISTRY_URL_SIZE_MAX) return canonicalRegistryUrl(url);
      const length = wasm.immuconfig_canonical_url(inputAt, memory.put(bytes), scratchAt + URL_AT);
      return length < 0 ? canonicalRegistryUrl(url) : ascii.decode(memory.url.subarray(0, length));
    },
    murmurHash3: (bytes, seed = 0) =>
      wasm.immuconfig_murmur3(inputAt, memory.putWhole(bytes), seed >>> 0) >>> 0,
    crc64(bytes, previous) {
      const { crc } = memory;
      crc.set([previous?.low ?? 0, previous?.high ?? 0]);
      wasm.immuconfig_crc64(inputAt, memory.putWhole(bytes), scratchAt + CRC_AT);
      return { low: crc[0] ?? 0, high: crc[1] ?? 0 };
    },
    load(bytes) {
      wasm.immuconfig_load(inputAt, memory.put(bytes), scratchAt + VERDICT_AT);
      return readVerdict(memory.verdict);
    },
    header: new Uint8Array(wasm.memory.buffer, wasm.immuconfig_header(), HEADER_SIZE),
    version: () => wasm.immuconfig_version(),
    generation: () => wasm.immuconfig_generation() >>> 0,
    flags: () => flagSetOfWords(memory.flagWords),
    feature: (bit) => wasm.immuconfig_feature(bit) === 1,
    featureByName(name) {
      const answer = wasm.immuconfig_feature_by_name(inputAt, memory.put(utf8.encode(name)));
      return answer === -1 ? undefined : answer === 1;
    },
    ...NO_TERMINALS,
  };
}

/** The memory in which bytes go in and structs come out. */
class Memory {
  readonly inputAt: number;
  readonly scratchAt: number;
  readonly verdict: Uint32Array;
  readonly fields: DataView;
  readonly encoded: Uint8Array;
  readonly crc: Uint32Array;
  readonly url: Uint8Array;
  readonly flagWords: Uint32Array;
  readonly #input: Uint8Array;

  constructor(wasm: Exports) {
    const { buffer } = wasm.memory;
    this.inputAt = wasm.immuconfig_input();
    this.#input = new Uint8Array(buffer, this.inputAt, wasm.immuconfig_input_size());
    this.scratchAt = wasm.immuconfig_scratch();
    this.verdict = new Uint32Array(buffer, this.scratchAt + VERDICT_AT, VERDICT_WORDS);
    this.fields = new DataView(buffer, this.scratchAt + FIELDS_AT, FIELDS.SIZE);
    this.encoded = new Uint8Array(buffer, this.scratchAt + HEADER_AT, HEADER_SIZE);
    this.crc = new Uint32Array(buffer, this.scratchAt + CRC_AT, 2);
    this.flagWords = new Uint32Array(buffer, wasm.immuconfig_flags(), FLAG_WORDS_SIZE / 4);
    this.url = new Uint8Array(buffer, this.scratchAt + URL_AT, REGISTRY_URL_SIZE_MAX);
  }

  /** Copies the bytes in. More than the core takes is cut after the byte that is one too many. */
  put(bytes: Uint8Array): number {
    const { length } = this.#input;
    const fitting = bytes.length > length ? bytes.subarray(0, length) : bytes;
    this.#input.set(fitting);
    return fitting.length;
  }

  /** @throws ImmuconfigError `ERR_VALUE` for more bytes than the core takes */
  putWhole(bytes: Uint8Array): number {
    const { length } = this.#input;
    if (bytes.length > length) throw valueError(`at most ${length} bytes are hashed`);
    return this.put(bytes);
  }
}

function refuseTerminal(): never {
  throw new ImmuconfigError("ERR_UNSUPPORTED", "WebAssembly reaches no terminal", {
    hint: "The shared library does, under Bun.",
  });
}

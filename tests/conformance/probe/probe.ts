/** What an environment's WebAssembly says of the vectors. Runs in Bun, Node and browsers. */

import type { Verdict } from "../../../src/native/core/core.ts";
import { openWasmCore } from "../../../src/native/core/wasm.ts";

export interface Probe {
  readonly verdicts: readonly Verdict[];
  /** Unsigned. */
  readonly registryHash: number;
  readonly version: number;
}

/**
 * @param wasm lib/immuconfig.wasm
 * @param files base64 of files to judge; the first is whole, and is loaded
 */
export function probe(wasm: Uint8Array<ArrayBuffer>, files: readonly string[]): Probe {
  const core = openWasmCore(new WebAssembly.Module(wasm));
  const [first = new Uint8Array()] = files.map(decode);
  core.load(first);
  return {
    verdicts: files.map((file) => core.verify(decode(file))),
    registryHash: core.murmurHash3(new TextEncoder().encode("https://registry.example.test")),
    version: core.version(),
  };
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

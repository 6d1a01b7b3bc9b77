/**
 * A look at a source without a syntax tree, by `src/plain_source.zig`: it accepts only what nobody
 * can misread. Everything else is for the parser.
 */

import { ABI_VERSION, SOURCE_CALL, SOURCE_SPAN } from "../../native/layout.ts";
import { readWasm, type WasmExports } from "../../native/wasm_file.ts";
import { type BuildRecord, isSettled } from "../record/build_record.ts";
import type { FeatureCall } from "./feature_reference.ts";
import type { Span } from "./position.ts";

/** What a plain source holds, as the parser would find it. */
export interface PlainUses {
  readonly imports: readonly Span[];
  readonly calls: readonly FeatureCall[];
}

interface Exports extends WasmExports {
  immuconfig_plain_source(
    text: number,
    length: number,
    isTypescriptOnly: number,
    span: number,
    calls: number,
    capacity: number,
  ): number;
}

interface Scanner {
  readonly exports: Exports;
  readonly input: Uint8Array;
  readonly inputAt: number;
  /** The span of the import, and the calls behind it. */
  readonly results: Uint32Array;
  readonly resultsAt: number;
}

/** Bytes that the module has for results. */
const SCRATCH_SIZE = 64 * 1024;
const CALLS_MAX = Math.floor((SCRATCH_SIZE - SOURCE_SPAN.SIZE) / SOURCE_CALL.SIZE);
const CALL_WORDS = SOURCE_CALL.SIZE / 4;

/** A name that rules out JSX, as the parser takes it; a bundler may add a query. */
const TYPESCRIPT_ONLY = /^[^?#]*\.[cm]?ts(?:[?#]|$)/;

const utf8 = new TextEncoder();
let scanner: Scanner | undefined;
let isOpen = false;

/**
 * The uses in a source that parses. In one that does not they mean nothing; with the calls and the
 * import replaced as `transformSource` does, it still does not parse.
 *
 * @param file its extension tells the language
 * @returns undefined when the source must be parsed to be sure
 */
export function findPlainUses(code: string, file: string): PlainUses | undefined {
  const found = openScanner();
  if (found === undefined) return undefined;
  const { exports, input, inputAt, results, resultsAt } = found;
  const { read, written } = utf8.encodeInto(code, input);
  if (read < code.length) return undefined;
  const count = exports.immuconfig_plain_source(
    inputAt,
    written,
    TYPESCRIPT_ONLY.test(file) ? 1 : 0,
    resultsAt,
    resultsAt + SOURCE_SPAN.SIZE,
    CALLS_MAX,
  );
  return count < 0 ? undefined : readUses(results, count, code);
}

// Loops and few functions: a bundler calls this some hundred times, which is cold code.
function readUses(words: Uint32Array, count: number, code: string): PlainUses {
  const imports = [
    { start: words[SOURCE_SPAN.start / 4] ?? 0, end: words[SOURCE_SPAN.end / 4] ?? 0 },
  ];
  const calls: FeatureCall[] = [];
  let at = SOURCE_SPAN.SIZE / 4;
  for (let index = 0; index < count; index++, at += CALL_WORDS) {
    const whole = at + SOURCE_CALL.whole / 4;
    const quoted = at + SOURCE_CALL.name / 4;
    const nameStart = words[quoted] ?? 0;
    calls.push({
      name: code.slice(nameStart + 1, (words[quoted + 1] ?? 0) - 1),
      start: words[whole] ?? 0,
      end: words[whole + 1] ?? 0,
      nameStart,
    });
  }
  return { imports, calls };
}

/**
 * The uses in a plain source about whose flags there is nothing to say: all are known and in use,
 * without a last day.
 *
 * @returns undefined when the source must be parsed to be sure, or when there is something to say
 */
export function findSettledUses(
  code: string,
  file: string,
  record: BuildRecord,
): PlainUses | undefined {
  const uses = findPlainUses(code, file);
  if (uses === undefined) return undefined;
  for (const { name } of uses.calls) if (!isSettled(record, name)) return undefined;
  return uses;
}

/** @returns nothing where WebAssembly was not built, or is another release's */
function openScanner(): Scanner | undefined {
  if (isOpen) return scanner;
  isOpen = true;
  const module = readWasm();
  if (module === undefined) return undefined;
  const exports = new WebAssembly.Instance(module).exports as unknown as Exports;
  if (exports.immuconfig_abi_version() !== ABI_VERSION) return undefined;
  const { buffer } = exports.memory;
  const inputAt = exports.immuconfig_input();
  const resultsAt = exports.immuconfig_scratch();
  scanner = {
    exports,
    input: new Uint8Array(buffer, inputAt, exports.immuconfig_input_size()),
    inputAt,
    results: new Uint32Array(buffer, resultsAt, SCRATCH_SIZE / 4),
    resultsAt,
  };
  return scanner;
}

/**
 * A look at a source without a syntax tree, by `src/plain_source.zig`: it accepts only what nobody
 * can misread. Everything else is for the parser.
 */

import { ABI_VERSION, SOURCE_CALL, SOURCE_SPAN } from "../../native/layout.ts";
import { readWasm } from "../../native/wasm_file.ts";
import { type BuildRecord, isSettled } from "../record/build_record.ts";
import type { FeatureCall } from "./feature_reference.ts";
import type { Span } from "./position.ts";

/** What a plain source holds, as the parser would find it. */
export interface PlainUses {
  readonly imports: readonly Span[];
  readonly calls: readonly FeatureCall[];
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  immuconfig_abi_version(): number;
  immuconfig_input(): number;
  immuconfig_input_size(): number;
  immuconfig_scratch(): number;
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
  readonly span: DataView;
  readonly spanAt: number;
  readonly calls: DataView;
  readonly callsAt: number;
}

/** Bytes that the module has for results. */
const SCRATCH_SIZE = 64 * 1024;
const CALLS_MAX = Math.floor((SCRATCH_SIZE - SOURCE_SPAN.SIZE) / SOURCE_CALL.SIZE);

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
  const { exports, input, inputAt, span, spanAt, calls, callsAt } = found;
  const { read, written } = utf8.encodeInto(code, input);
  if (read < code.length) return undefined;
  const isTypescriptOnly = Number(TYPESCRIPT_ONLY.test(file));
  const count = exports.immuconfig_plain_source(
    inputAt,
    written,
    isTypescriptOnly,
    spanAt,
    callsAt,
    CALLS_MAX,
  );
  if (count < 0) return undefined;
  return {
    imports: [readSpan(span, 0)],
    calls: Array.from({ length: count }, (_, index) => {
      const at = index * SOURCE_CALL.SIZE;
      const name = readSpan(calls, at + SOURCE_CALL.name);
      return {
        name: code.slice(name.start + 1, name.end - 1),
        ...readSpan(calls, at + SOURCE_CALL.whole),
        nameStart: name.start,
      };
    }),
  };
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
  return uses?.calls.every(({ name }) => isSettled(record, name)) === true ? uses : undefined;
}

function readSpan(view: DataView, at: number): Span {
  return {
    start: view.getUint32(at + SOURCE_SPAN.start, true),
    end: view.getUint32(at + SOURCE_SPAN.end, true),
  };
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
  const spanAt = exports.immuconfig_scratch();
  const callsAt = spanAt + SOURCE_SPAN.SIZE;
  scanner = {
    exports,
    input: new Uint8Array(buffer, inputAt, exports.immuconfig_input_size()),
    inputAt,
    span: new DataView(buffer, spanAt, SOURCE_SPAN.SIZE),
    spanAt,
    calls: new DataView(buffer, callsAt, CALLS_MAX * SOURCE_CALL.SIZE),
    callsAt,
  };
  return scanner;
}

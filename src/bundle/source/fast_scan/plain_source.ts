/**
 * A look at a source without a syntax tree, by `src/bundle/source/fast_scan/plain_source.zig`: it accepts only what nobody
 * can misread. Everything else is for the parser.
 */

import { SOURCE_CALL, SOURCE_SPAN } from "../../../native/abi.ts";
import { openSourceLook, type SourceLook } from "./source_look.ts";
import { type BuildFlags, isSettled } from "../../flags/build_flags.ts";
import type { FeatureCall } from "../feature_reference.ts";
import type { Span } from "../position.ts";

/** What a plain source holds, as the parser would find it. */
export interface PlainUses {
  readonly imports: readonly Span[];
  readonly calls: readonly FeatureCall[];
}

const CALL_WORDS = SOURCE_CALL.SIZE / 4;

/** A name that rules out JSX, as the parser takes it; a bundler may add a query. */
const TYPESCRIPT_ONLY = /^[^?#]*\.[cm]?ts(?:[?#]|$)/;

const utf8 = new TextEncoder();
let ownLook: SourceLook | undefined;
let isOpen = false;

/** @returns nothing where the core was not built from Zig */
function openOnce(): SourceLook | undefined {
  if (!isOpen) ownLook = openSourceLook();
  isOpen = true;
  return ownLook;
}

/**
 * The uses in a source that parses. In one that does not they mean nothing; with the calls and the
 * import replaced as `transformSource` does, it still does not parse.
 *
 * @param file its extension tells the language
 * @returns undefined when the source must be parsed to be sure
 */
export function findPlainUses(
  code: string,
  file: string,
  look: SourceLook | undefined = openOnce(),
): PlainUses | undefined {
  if (look === undefined) return undefined;
  const { read, written } = utf8.encodeInto(code, look.input);
  if (read < code.length) return undefined;
  const count = look.find(written, TYPESCRIPT_ONLY.test(file));
  return count === undefined ? undefined : readUses(look.results, count, code);
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
  record: BuildFlags,
): PlainUses | undefined {
  const uses = findPlainUses(code, file);
  if (uses === undefined) return undefined;
  for (const { name } of uses.calls) if (!isSettled(record, name)) return undefined;
  return uses;
}

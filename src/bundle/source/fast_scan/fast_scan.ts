/**
 * Reads a source without a syntax tree (fast_scan.zig): only what nobody can misread. Everything
 * else is for the parser, which this spares a build of plain sources; nothing but time would be lost
 * without it.
 */

import { SOURCE_CALL, SOURCE_SPAN } from "../../../native/abi.ts";
import type { Language } from "../language.ts";
import type { FeatureCall } from "../feature_reference.ts";
import type { Span } from "../position.ts";
import { openScanner, type Scanner } from "./native_scan.ts";

/** What a source holds, as the parser would find it. */
export interface FastScan {
  readonly imports: readonly Span[];
  readonly calls: readonly FeatureCall[];
}

const CALL_WORDS = SOURCE_CALL.SIZE / 4;

const utf8 = new TextEncoder();
let scanner: Scanner | undefined;
let isOpen = false;

/** @returns nothing where the core was not built from Zig */
function openOnce(): Scanner | undefined {
  if (!isOpen) scanner = openScanner();
  isOpen = true;
  return scanner;
}

/**
 * The uses in a source that parses. In one that does not they mean nothing; with the calls and the
 * import replaced as `transformSource` does, it still does not parse.
 *
 * @returns undefined when the source must be parsed to be sure
 */
export function fastScan(
  code: string,
  language: Language,
  chosen: Scanner | undefined = openOnce(),
): FastScan | undefined {
  if (chosen === undefined) return undefined;
  const { read, written } = utf8.encodeInto(code, chosen.input);
  if (read < code.length) return undefined;
  const count = chosen.find(written, language === "ts");
  return count === undefined ? undefined : readUses(chosen.results, count, code);
}

// Loops and few functions: a bundler calls this some hundred times, which is cold code.
function readUses(words: Uint32Array, count: number, code: string): FastScan {
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

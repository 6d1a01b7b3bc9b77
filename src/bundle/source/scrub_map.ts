/** Reads and rewrites the sources inside a source map. Pure. */

import { ImmuconfigError } from "../../base/errors.ts";
import { parseJsonObject } from "../../base/json.ts";
import { type BuildFlags, isEnabled } from "../flags/build_flags.ts";
import { deadImports, deadSpans } from "./dead_code.ts";
import { parseFlagSource } from "./flag_source.ts";
import { changeInlineMap } from "./map_sources.ts";
import { SOURCE_FILE, SOURCE_TEXT } from "./needles.ts";
import { blankSpans, outermost, type Span } from "./position.ts";

/** What a program does not use, by sources as the map names them. */
export interface UnusedSources {
  /** Whether only dead code uses a source. */
  readonly isUnused: (source: string) => boolean;
  /** Other parts of a source's text that only dead code uses. */
  readonly partsOf: (source: string, code: string) => readonly Span[];
}

interface SourceMapJson {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
}

/**
 * A source map without the source of dead branches; every position in it stays right.
 *
 * @param text of the map
 * @throws ImmuconfigError `ERR_BUNDLER` when it is none
 */
export function scrubMap(text: string, flags: BuildFlags, unused: UnusedSources): string {
  const map = parseMap(text);
  const sourcesContent = map.sourcesContent?.map((content, index) => {
    const source = map.sources[index] ?? "";
    if (content === null) return null;
    if (unused.isUnused(source)) return blankSpans(content, [{ start: 0, end: content.length }]);
    return scrubSource(content, source, flags, unused.partsOf(source, content));
  });
  return JSON.stringify({ ...map, sourcesContent });
}

/** The same for a map inside a bundle; a bundle without one is handed back. */
export function scrubInlineMap(code: string, flags: BuildFlags, unused: UnusedSources): string {
  return changeInlineMap(code, (map) => scrubMap(map, flags, unused));
}

function scrubSource(
  code: string,
  file: string,
  flags: BuildFlags,
  parts: readonly Span[],
): string {
  const mayBeDead = SOURCE_TEXT.test(code) || parts.length > 0;
  if (!SOURCE_FILE.test(file) || !mayBeDead) return code;
  const source = parseFlagSource(code, file);
  const dead = outermost([...deadSpans(source, (name) => isEnabled(flags, name)), ...parts]);
  return blankSpans(code, [...dead, ...deadImports(source, dead)]);
}

function parseMap(text: string): SourceMapJson {
  const value = parseJsonObject(text);
  if (isMap(value)) return value;
  throw new ImmuconfigError("ERR_BUNDLER", "the bundler wrote a source map that is none", {
    hint: "Build without --scrub-maps.",
  });
}

function isMap(value: unknown): value is SourceMapJson {
  if (typeof value !== "object" || value === null) return false;
  const { sources, sourcesContent } = value as Partial<Record<string, unknown>>;
  return Array.isArray(sources) && (sourcesContent === undefined || Array.isArray(sourcesContent));
}

/** Reads and rewrites the sources inside a source map. Pure. */

import { ImmuconfigError } from "../../base/errors.ts";
import { parseJsonObject } from "../../base/json.ts";
import { type BuildFlags, isEnabled } from "../flags/build_flags.ts";
import { blankSpans, deadImports, deadSpans } from "./dead_code.ts";
import { parseFlagSource } from "./flag_source.ts";
import { SOURCE_FILE, SOURCE_TEXT } from "./needles.ts";

interface SourceMapJson {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
}

const INLINE_MAP =
  /^(\/\/# sourceMappingURL=data:application\/json(?:;charset=[^;,]+)?;base64,)(\S+)$/m;

/**
 * A source map without the source of dead branches; every position in it stays right.
 *
 * @param text of the map
 * @param isUnused whether only dead code uses a source, as the map names it
 * @throws ImmuconfigError `ERR_BUNDLER` when it is none
 */
export function scrubMap(
  text: string,
  flags: BuildFlags,
  isUnused: (source: string) => boolean,
): string {
  const map = parseMap(text);
  const sourcesContent = map.sourcesContent?.map((content, index) => {
    const source = map.sources[index] ?? "";
    if (content === null) return null;
    const whole = [{ start: 0, end: content.length }];
    return isUnused(source) ? blankSpans(content, whole) : scrubSource(content, source, flags);
  });
  return JSON.stringify({ ...map, sourcesContent });
}

/** The same for a map inside a bundle; a bundle without one is handed back. */
export function scrubInlineMap(
  code: string,
  flags: BuildFlags,
  isUnused: (source: string) => boolean,
): string {
  return code.replace(INLINE_MAP, (_line, head: string, data: string) => {
    const map = Buffer.from(data, "base64").toString();
    return head + Buffer.from(scrubMap(map, flags, isUnused)).toString("base64");
  });
}

function scrubSource(code: string, file: string, flags: BuildFlags): string {
  if (!SOURCE_FILE.test(file) || !SOURCE_TEXT.test(code)) return code;
  const source = parseFlagSource(code, file);
  const dead = deadSpans(source, (name) => isEnabled(flags, name));
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

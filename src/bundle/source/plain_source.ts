/**
 * A look at a source without a syntax tree. It accepts only what nobody can misread: one plain
 * import of `feature`, and direct calls of it that stand in a condition by the text around them.
 * Everything else is for the parser. This is why a build of a small program need not load the
 * parser at all, and why a bundler's adapter seldom waits for a tree.
 */

import type { BuildRecord } from "../record/build_record.ts";
import { blankLiterals } from "./blank_literals.ts";
import type { FeatureCall } from "./feature_reference.ts";
import type { Span } from "./position.ts";
import { BUNDLE_MODULE, LIVE_MODULE } from "./source_text.ts";

/** What a plain source holds, as the parser would find it. */
export interface PlainUses {
  readonly imports: readonly Span[];
  readonly calls: readonly FeatureCall[];
}

const MENTION = /feature/gi;
const NAME = /^[\w.-]+$/;
/** Other uses of `Bun` than a property that is not the configuration. */
const CONFIG = /\bBun\b(?!\.(?!config\b)[A-Za-z_])/;

// The rest looks at a text whose literals are blanked out.
const CALL = String.raw`feature\("_+"\)`;
/**
 * A statement of its own, and not the body of a label or an `if`. A semicolon behind a line end
 * would belong to it, and so would its attributes.
 */
const IMPORT = new RegExp(
  String.raw`(?<=(?:^|[;}"])\s*)import[ \t]*\{[ \t]*feature[ \t]*\}[ \t]*from[ \t]*"_{${BUNDLE_MODULE.length}}"(?:;|(?=[ \t]*\r?\n\s*(?!with\b|assert\b)[A-Za-z])|(?=\s*$))`,
);
/** The start of the test of an `if`, as far as it is beyond doubt: a method's head cannot look so. */
const TEST = new RegExp(
  String.raw`(?<![\w$#]|[^\x00-\x7f]|\.\s*)if\s*\((?:${CALL}|[=!]==|[^=,;(){}[\]<>"@/\\])*`,
  "g",
);
/** A call, and what may stand behind it in a test. */
const CALLED = new RegExp(
  String.raw`(?<=(?:[(!=&|?:,;{}[]|=>)\s*|\breturn\s+)${CALL}(?:[ \t]+as[ \t]+boolean\b)?(?=\s*(?:\)|&&|\|\||[=!]==|\?(?![?.])))`,
  "g",
);
/** From the end of a call to the `?` of the `?:` whose test the call is in. */
const CONDITIONAL = new RegExp(
  String.raw`(?:\s*(?:&&|\|\|)\s*!*(?:${CALL}|[\w$]+(?:\.[\w$]+)*))*\s*\?(?![?.])`,
  "y",
);
/** In a file whose name allows JSX, everything that could begin an element. */
const ELEMENT = /(?<!<)<(?![<=])/;
const TYPESCRIPT_ONLY = /\.[cm]?ts(?:[?#].*)?$/;

/**
 * The uses in a source that parses. In one that does not they mean nothing.
 *
 * @param file its extension tells the language
 * @returns undefined when the source must be parsed to be sure
 */
export function findPlainUses(code: string, file: string): PlainUses | undefined {
  if (CONFIG.test(code) || code.includes(LIVE_MODULE)) return undefined;
  const module = code.indexOf(BUNDLE_MODULE);
  if (module === -1 || code.includes(BUNDLE_MODULE, module + 1)) return undefined;
  const blanked = blankLiterals(code);
  if (blanked === undefined || blanked.includes("\\")) return undefined;
  if (!TYPESCRIPT_ONLY.test(file) && ELEMENT.test(blanked)) return undefined;
  const found = findImport(blanked);
  if (found === undefined || module < found.start || module > found.end) return undefined;
  const calls = findCalls(code, blanked);
  // Every mention, even in a text, is the import or a call: a look alone cannot tell what another
  // one means.
  return code.match(MENTION)?.length === calls.length + 1 ? { imports: [found], calls } : undefined;
}

/**
 * The flags that a plain source's calls name, one entry a call.
 *
 * @returns undefined when the source must be parsed to be sure, or when there is something to say
 * about a flag
 */
export function plainCalls(code: string, file: string, record: BuildRecord): string[] | undefined {
  const names = findPlainUses(code, file)?.calls.map(({ name }) => name);
  return names?.every((name) => isSettled(name, record)) === true ? names : undefined;
}

function findImport(blanked: string): Span | undefined {
  const match = IMPORT.exec(blanked);
  if (match === null) return undefined;
  const before = blanked.slice(0, match.index);
  // An import inside of a `declare module` is none of the file's.
  if (before.split("{").length !== before.split("}").length) return undefined;
  return { start: match.index, end: match.index + match[0].length };
}

function findCalls(code: string, blanked: string): FeatureCall[] {
  const tests = [...blanked.matchAll(TEST)];
  return [...blanked.matchAll(CALLED)].flatMap(({ index: start, 0: text }): FeatureCall[] => {
    const end = start + text.length;
    const inTest = tests.some(({ index, 0: test }) => index < start && end <= index + test.length);
    if (!inTest && !isBeforeQuestion(blanked, end)) return [];
    const nameStart = start + "feature(".length;
    const name = code.slice(nameStart + 1, start + text.indexOf(")") - 1);
    return NAME.test(name) ? [{ name, start, end, nameStart }] : [];
  });
}

function isBeforeQuestion(blanked: string, end: number): boolean {
  CONDITIONAL.lastIndex = end;
  return CONDITIONAL.test(blanked);
}

/** A flag about which there is nothing to say: known, in use, without a last day. */
function isSettled(name: string, record: BuildRecord): boolean {
  const flag = record.flags.get(name);
  return flag !== undefined && !flag.retired && flag.expires === undefined;
}

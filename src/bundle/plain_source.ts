/**
 * A look at a source without parsing it. It accepts only what nobody can misread: one plain import
 * of `feature` and direct calls of it. Everything else is for the parser. This is why a build of a
 * small program need not load the parser at all.
 */

import type { BuildRecord } from "./build_record.ts";
import { BUNDLE_MODULE } from "./source_text.ts";

const IMPORT = new RegExp(
  String.raw`^import \{ feature \} from (["'])${BUNDLE_MODULE}\1;?[ \t]*\r?$`,
  "gm",
);
const CALL = /(?<![\w$.]\s*)feature\((["'])([A-Z][A-Z0-9_]*)\1\)/g;
const NAME = /feature/gi;
/** Escapes, comments and templates that could hide a call, and forms that Bun gets wrong. */
const UNUSUAL =
  /\\u|\/\*|`|\bnew\s+feature|Bun\s*(?:\.\s*config|\[)|\brequire\b|import\s*\(|export\s*\{/;
/** A call behind a comment sign or a quote on its line may not be one. */
const HIDDEN = /(?:\/\/|["']).*\0/;

/**
 * The flags that a source's calls name, one entry a call.
 *
 * @returns undefined when the source must be parsed to be sure
 */
export function plainCalls(code: string, record: BuildRecord): string[] | undefined {
  if (UNUSUAL.test(code) || code.includes("\0")) return undefined;
  if (code.match(IMPORT)?.length !== 1 || code.split(BUNDLE_MODULE).length !== 2) return undefined;
  const names = [...code.matchAll(CALL)].map((match) => match[2] ?? "");
  // Every mention is the import or a call; only the parser knows what another one means.
  if (code.match(NAME)?.length !== names.length + 1) return undefined;
  if (HIDDEN.test(code.replace(CALL, "\0"))) return undefined;
  return names.every((name) => isSettled(name, record)) ? names : undefined;
}

/** A flag about which there is nothing to say: known, in use, without a last day. */
function isSettled(name: string, record: BuildRecord): boolean {
  const flag = record.flags.get(name);
  return flag !== undefined && !flag.retired && flag.expires === undefined;
}

/**
 * A look at a source without parsing it. It accepts only what nobody can misread: one plain import
 * of `feature` and direct calls of it. Everything else is for the parser. This is why a build of a
 * small program need not load the parser at all.
 */

import type { BuildRecord } from "../build_record.ts";
import { BUNDLE_MODULE } from "./source_text.ts";

const IMPORT = new RegExp(
  String.raw`^import \{ feature \} from (["'])${BUNDLE_MODULE}\1;?[ \t]*\r?$`,
  "gm",
);
const NAME = /feature/gi;
/** Escapes that could spell a name, and forms that Bun gets wrong although they look like calls. */
const UNUSUAL = /\\[ux]|\bnew\s+feature|\bBun\s*(?:\??\.\s*config|\?*\.?\[)/;
/** A call; or a comment, a string or a template, in which there is none. */
const TOKEN =
  /\/\*[^]*?\*\/|\/\/.*|(?<![\w$]|\.\s*)feature\((["'])([A-Z][A-Z0-9_]*)\1\)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[^])*`/g;

/**
 * The flags that a source's calls name, one entry a call.
 *
 * @returns undefined when the source must be parsed to be sure
 */
export function plainCalls(code: string, record: BuildRecord): string[] | undefined {
  if (UNUSUAL.test(code)) return undefined;
  if (code.match(IMPORT)?.length !== 1 || code.split(BUNDLE_MODULE).length !== 2) return undefined;
  const names: string[] = [];
  for (const { 2: name } of code.matchAll(TOKEN)) if (name !== undefined) names.push(name);
  // Every mention, even in a text, is the import or a call: a look alone cannot tell what another
  // one means.
  if (code.match(NAME)?.length !== names.length + 1) return undefined;
  return names.every((name) => isSettled(name, record)) ? names : undefined;
}

/** A flag about which there is nothing to say: known, in use, without a last day. */
function isSettled(name: string, record: BuildRecord): boolean {
  const flag = record.flags.get(name);
  return flag !== undefined && !flag.retired && flag.expires === undefined;
}

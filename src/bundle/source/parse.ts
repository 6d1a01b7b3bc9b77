/** How sources are parsed. */

import { parseSync, type ParseResult } from "oxc-parser";

/**
 * @param file a path, perhaps with a bundler's query behind it
 * @param preserveParens whether the tree shows parentheses, for those who rewrite the text
 */
export function parseSource(file: string, code: string, preserveParens = false): ParseResult {
  const path = file.replace(/[?#].*$/, "");
  const extension = /\.[cm]?([jt]sx?)$/.exec(path)?.[1];
  // Bun and every bundler here take JSX in a .js file, but not in a .ts file.
  const lang = extension === "ts" || extension === "tsx" ? extension : "jsx";
  const result = parseSync(path, code, { lang, preserveParens, sourceType: "unambiguous" });
  if (result.errors.length === 0) return result;
  // A top-level await alone does not mark a module for the parser.
  const asModule = parseSync(path, code, { lang, preserveParens, sourceType: "module" });
  return asModule.errors.length === 0 ? asModule : result;
}

/** Which files hold code, and how they are parsed. */

import { parseSync, type ParseResult } from "oxc-parser";

/** JavaScript and TypeScript by file name; a bundler may add a query. */
export const SOURCE_FILE = /\.[cm]?[jt]sx?(?:[?#].*)?$/;

/** The module that only a bundler knows. */
export const BUNDLE_MODULE = "bun:bundle";

/** The module of the live view, whose flags can change while a program runs. */
export const LIVE_MODULE = "immuconfig/live";

/** A file without either text is not parsed: nothing in it can be replaced. */
export const SOURCE_TEXT = /bun:bundle|\bBun\.config\b/;

/** @param file a path, perhaps with a bundler's query behind it */
export function parseSource(file: string, code: string): ParseResult {
  const path = file.replace(/[?#].*$/, "");
  const extension = /\.[cm]?([jt]sx?)$/.exec(path)?.[1];
  // Bun and every bundler here take JSX in a .js file, but not in a .ts file.
  const lang = extension === "ts" || extension === "tsx" ? extension : "jsx";
  const result = parseSync(path, code, { lang, preserveParens: false, sourceType: "unambiguous" });
  if (result.errors.length === 0) return result;
  // A top-level await alone does not mark a module for the parser.
  const asModule = parseSync(path, code, { lang, preserveParens: false, sourceType: "module" });
  return asModule.errors.length === 0 ? asModule : result;
}

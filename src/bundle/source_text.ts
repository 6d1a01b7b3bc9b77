/** What a text must hold before it is worth parsing. */

/** JavaScript and TypeScript by file name; a bundler may add a query. */
export const SOURCE_FILE = /\.[cm]?[jt]sx?(?:[?#].*)?$/;

/** The module that only a bundler knows. */
export const BUNDLE_MODULE = "bun:bundle";

/** A file without either text is not parsed: nothing in it can be replaced. */
export const SOURCE_TEXT = /bun:bundle|\bBun\.config\b/;

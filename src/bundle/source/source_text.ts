/** Which files hold code, and what a text must hold to be worth parsing. Loads no parser. */

/** JavaScript and TypeScript by file name; a bundler may add a query. */
export const SOURCE_FILE = /\.[cm]?[jt]sx?(?:[?#].*)?$/;

/** The module that only a bundler knows. */
export const BUNDLE_MODULE = "bun:bundle";

/** The module of the live view, whose flags can change while a program runs. */
export const LIVE_MODULE = "immuconfig/live";

/** A file without either text is not parsed: nothing in it can be replaced. */
export const SOURCE_TEXT = /bun:bundle|\bBun\.config\b/;

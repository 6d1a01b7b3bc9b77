/** Which files hold code, and what a text must hold to be worth parsing. Loads no parser. */

/** JavaScript and TypeScript by file name; a bundler may add a query. */
export const SOURCE_FILE = /\.[cm]?[jt]sx?(?:[?#].*)?$/;

/** The same of plain paths, for bundlers that keep a query apart. */
export const SOURCE_PATH = /\.[cm]?[jt]sx?$/;

/** A source or a component, which is scripts in part; a bundler may add a query, also for a part. */
export const MODULE_ID = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|mdx)(?:[?#].*)?$/;

/** A component alone. */
export const COMPONENT_ID = /\.(?:vue|svelte|astro|mdx)(?:[?#].*)?$/;

/** Declarations, which decide nothing. */
export const DECLARATION_FILE = /\.d\.[cm]?ts$/;

/** The module that only a bundler knows. */
export const BUNDLE_MODULE = "bun:bundle";

/** An import of it, for hooks that ask for a pattern. */
export const BUNDLE_IMPORT = /^bun:bundle$/;

/** The module of the frozen view, which a program reads while it runs. */
export const RECORD_MODULE = "immuconfig";

/** The module of the live view, whose flags can change while a program runs. */
export const LIVE_MODULE = "immuconfig/live";

/**
 * A file without either text is not parsed: nothing in it can be replaced. Two plain texts, which
 * Rolldown's and Rspack's engine searches for many times faster than for word boundaries.
 */
export const SOURCE_TEXT = /bun:bundle|Bun\.config/;

/** Whether a source may ask for a flag, or import the record. */
export function isConcerned(code: string): boolean {
  return SOURCE_TEXT.test(code) || code.includes(RECORD_MODULE);
}

const NEEDLES = [BUNDLE_MODULE, "Bun.config"] as const;

/** The same for a file's bytes. */
export function holdsNeedle(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return NEEDLES.some((needle) => buffer.includes(needle));
}

/** How a project writes its sources: what is generated among them is written alike. */

import { peekAtText } from "./text_file.ts";
import { DEFAULT_STYLE, type TypesStyle } from "./type_declarations.ts";

/** Sources that have a say. */
const SAMPLE_COUNT_MAX = 50;
const SOURCE = /(?<!\.d)\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/;
const IMPORT = /\bfrom\s*(["'])[^"']*\1(;?)[ \t]*$/gm;
const FIRST_INDENT = /^(\t| {2}| {4})(?=[^\s*])/m;

/** @param paths of the project's files; the first sources among them are read */
export function styleOfSources(paths: Iterable<string>): TypesStyle {
  const quotes: string[] = [];
  const ends: string[] = [];
  const indents: string[] = [];
  let left = SAMPLE_COUNT_MAX;
  for (const path of paths) {
    if (!SOURCE.test(path)) continue;
    if (left-- === 0) break;
    const text = peekAtText(path).replaceAll("\r\n", "\n");
    for (const [, quote = "", end = ""] of text.matchAll(IMPORT)) {
      quotes.push(quote);
      ends.push(end);
    }
    const indent = FIRST_INDENT.exec(text)?.[1];
    if (indent !== undefined) indents.push(indent);
  }
  return {
    quote: mostOf(quotes) === "'" ? "'" : DEFAULT_STYLE.quote,
    end: mostOf(ends) === "" ? "" : DEFAULT_STYLE.end,
    indent: mostOf(indents) ?? DEFAULT_STYLE.indent,
  };
}

function mostOf(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

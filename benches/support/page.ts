/** The part of a document that a command measured, between two marks. Pure. */

const END = "<!-- end of what was measured -->";

/**
 * @param page the whole document
 * @param command that prints the figures, as the first mark names it
 * @param parts blocks that take the place of what stands there
 * @returns the same with new figures
 * @throws when the page does not have both marks once, in order
 */
export function replaceMeasured(page: string, command: string, parts: readonly string[]): string {
  const begin = `<!-- measured: ${command} -->`;
  const [before, rest, ...more] = page.split(begin);
  const [, after, ...others] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length > 0 || others.length > 0) {
    throw new Error(`the page has not the two marks that figures of ${command} stand between`);
  }
  return before + [begin, ...parts, END].join("\n\n") + after;
}

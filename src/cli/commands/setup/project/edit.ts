/** What an editor of one of the project's files gives back. */
export interface Edit {
  /** The new text; undefined for no file. */
  readonly text: string | undefined;
  /** What the user has to do by hand, a sentence each. */
  readonly notes: readonly string[];
}

/** The line end that a text uses. */
export function newlineOf(text: string): "\r\n" | "\n" {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/**
 * Appends lines. The result says what was there, so that they can be taken away again to the byte:
 * a text without a line end at its end stays one, and so does an empty one.
 *
 * @param text undefined for a file that is not there
 */
export function appendLines(text: string | undefined, lines: readonly string[]): string {
  const newline = newlineOf(text ?? "");
  const block = lines.join(newline);
  if (text === undefined) return block + newline;
  if (text === "") return block;
  return text.endsWith("\n") ? text + block + newline : text + newline + block;
}

/** Puts a line below the header of a table of TOML, of which `end` is the end. */
export function insertBelow(text: string, { end }: { readonly end: number }, line: string): string {
  const head = text.slice(0, end);
  const newline = newlineOf(text);
  return head.endsWith("\n") ? head + line + newline + text.slice(end) : head + newline + line;
}

/**
 * Takes lines away that {@link appendLines} appended.
 *
 * @returns undefined when they are not the last; in it, undefined stands for no file
 */
export function dropLines(
  text: string,
  lines: readonly string[],
): { readonly text: string | undefined } | undefined {
  const newline = newlineOf(text);
  const block = lines.join(newline);
  if (text === block + newline) return { text: undefined };
  if (text === block) return { text: "" };
  if (text.endsWith(newline + block + newline))
    return { text: text.slice(0, -(block + newline).length) };
  return text.endsWith(newline + block)
    ? { text: text.slice(0, -(newline + block).length) }
    : undefined;
}

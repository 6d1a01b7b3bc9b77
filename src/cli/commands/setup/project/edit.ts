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
 * Appends lines. A text without a line end at its end stays one, so that they can be taken away
 * again to the byte.
 */
export function appendLines(text: string, lines: readonly string[]): string {
  const newline = newlineOf(text);
  const block = lines.join(newline);
  return text === "" || text.endsWith("\n") ? text + block + newline : text + newline + block;
}

/** Takes lines away that {@link appendLines} appended; undefined when they are not the last. */
export function dropLines(text: string, lines: readonly string[]): string | undefined {
  const newline = newlineOf(text);
  const block = lines.join(newline);
  if (text === block + newline) return "";
  for (const tail of [block + newline, newline + block]) {
    if (text.endsWith(tail) && (tail.startsWith(newline) || text.endsWith(newline + tail))) {
      return text.slice(0, -tail.length);
    }
  }
  return undefined;
}

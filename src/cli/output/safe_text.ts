/** Text on its way to a terminal. */

/**
 * Controls but tab and line feed, the separators of lines, and what turns the order of letters round;
 * with the rest of a sequence that `Output.style` writes: bold, dim, six colours.
 */
const UNSAFE =
  /(?![\t\n])(?:\p{Cc}(\[(?:[0-2]|3[1-6])m)|[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069])/gu;

const ESCAPE = "\u001b";

/**
 * Names of files and of people come from a clone, and may hold what drives a terminal.
 *
 * @param keepStyles leaves the sequences that `Output.style` writes
 */
export function safeText(text: string, keepStyles: boolean): string {
  return text.replace(UNSAFE, (unsafe, style = "") =>
    keepStyles && style !== "" && unsafe.startsWith(ESCAPE) ? unsafe : `?${style}`,
  );
}

/** JSON in which those characters are escapes: the same value, on one line. */
export function safeJson(json: string): string {
  return json.replace(UNSAFE, (unsafe, style = "") => {
    const code = unsafe.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${code}${style}`;
  });
}

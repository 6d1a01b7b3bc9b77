/**
 * One line of text from outside without the control characters that could drive a terminal. Tabs
 * stay.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t]/gu, "?");
}

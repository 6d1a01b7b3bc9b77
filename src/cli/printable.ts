/** One line of text from outside without the control characters that could drive a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}

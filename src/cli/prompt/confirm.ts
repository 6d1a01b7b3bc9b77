/** Asks the user on the terminal. */

import { createInterface } from "node:readline/promises";
import { safeText } from "../output/safe_text.ts";

/**
 * @param question without its `[y/N]`
 * @returns false for anything but yes, also when the input ends
 */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => void terminal.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([
      terminal.question(`${safeText(question, true)} [y/N] `),
      ended,
    ]);
    return /^(?:y|yes)$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

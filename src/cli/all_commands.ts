/** Every command: a bundle of its own, which the entry point loads when it is needed. */

import { COMMANDS } from "./table.ts";
import { main } from "./main.ts";

/** @returns the exit code */
export function runAnyCommand(words: readonly string[]): Promise<number> {
  return main(words, COMMANDS);
}

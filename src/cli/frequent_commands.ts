/**
 * The commands that programs and scripts call often, in one file; it loads the others, and what
 * they need, when they are used.
 */

import type { CommandLoaders } from "./main.ts";
import { main } from "./main.ts";
import { getCommand } from "./commands/get.ts";
import { setCommand } from "./commands/set.ts";
import { verifyCommand } from "./commands/verify.ts";

const FREQUENT: CommandLoaders = {
  get: () => Promise.resolve(getCommand),
  set: () => Promise.resolve(setCommand),
  verify: () => Promise.resolve(verifyCommand),
};

/**
 * @param words of the command line, after the program's name
 * @returns the exit code
 */
export async function runFrequentCommand(words: readonly string[]): Promise<number> {
  const name = words[0] ?? "";
  if (Object.hasOwn(FREQUENT, name) && !words.includes("--help") && !words.includes("-h")) {
    return main(words, FREQUENT);
  }
  const { runAnyCommand } = await import("./all_commands.ts");
  return runAnyCommand(words);
}

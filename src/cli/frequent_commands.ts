/**
 * The commands that programs and scripts call often, in one file; it loads the others, and what
 * they need, when they are used.
 */

import type { CommandLoaders } from "./main.ts";
import { main } from "./main.ts";
import { getCommand } from "./commands/record/get.ts";
import { setCommand } from "./commands/record/set.ts";
import { verifyCommand } from "./commands/record/verify.ts";

const FREQUENT: CommandLoaders = {
  get: () => Promise.resolve(getCommand),
  set: () => Promise.resolve(setCommand),
  verify: () => Promise.resolve(verifyCommand),
};

/**
 * Runs a command and sets the process's exit code.
 *
 * @param words of the command line, after the program's name
 */
export async function runCommand(words: readonly string[]): Promise<void> {
  const name = words[0] ?? "";
  if (Object.hasOwn(FREQUENT, name) && !words.includes("--help") && !words.includes("-h")) {
    process.exitCode = await main(words, FREQUENT);
  } else {
    const { runAnyCommand } = await import("./all_commands.ts");
    process.exitCode = await runAnyCommand(words);
  }
}

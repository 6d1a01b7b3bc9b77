/** Runs the command line in this process. */

import { isStartedClean } from "./clean_start.ts";
import { processHost } from "./host.ts";
import { main } from "./main.ts";

/** @param words of the command line, after the program's name */
export async function start(words: readonly string[]): Promise<void> {
  if (isStartedClean()) {
    process.exitCode = await main(words, processHost);
  } else {
    const { restart } = await import("./restart.ts");
    process.exitCode = await restart(words, processHost);
  }
}

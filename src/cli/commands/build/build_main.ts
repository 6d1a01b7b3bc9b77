/** `bun-config build` with all that a common build needs: a file of its own, as config.ts is. */

import { processHost } from "../../host.ts";
import { main } from "../../main.ts";

/** @returns the exit code */
export async function runBuild(words: readonly string[]): Promise<number> {
  return await main(words, processHost);
}

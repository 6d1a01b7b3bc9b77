/** `bun-config build` with all that a common build needs: a file of its own, as config.ts is. */

import { buildCommand } from "./build.ts";
import { main } from "../../main.ts";

/** @returns the exit code */
export function runBuild(words: readonly string[]): Promise<number> {
  return main(words, { build: () => Promise.resolve(buildCommand) });
}

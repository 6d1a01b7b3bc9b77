/** The program that this process runs. */

import { realpathSync } from "node:fs";

/** The path of the main module, without symbolic links; undefined where there is none. */
export function mainModule(): string | undefined {
  if (typeof Bun !== "undefined") return Bun.main;
  const [, main] = process.argv;
  try {
    return main === undefined ? undefined : realpathSync(main);
  } catch {
    // It names no file: a program from standard input, or one that is gone.
    return undefined;
  }
}

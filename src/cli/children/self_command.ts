/** The command line that starts this very program again. */

import { realpathSync } from "node:fs";

/** Where Bun keeps the files inside an executable made by `bun build --compile`. */
const EMBEDDED_PATH = /^(?:\/\$bunfs\/|[A-Za-z]:[\\/]~BUN[\\/])/;

/** The running executable, when immuconfig was compiled into it. */
export function standaloneExecutable(): string | undefined {
  return EMBEDDED_PATH.test(Bun.main) ? process.execPath : undefined;
}

/**
 * The project's bunfig and `.env` are left out: git runs the program in the project's folder, and
 * what they preload could print between the program's own lines.
 *
 * @returns the words of the command: Bun and the entry point, or the executable alone
 */
export function selfCommand(): string[] {
  const standalone = standaloneExecutable();
  if (standalone !== undefined) return [standalone];
  return [process.execPath, "--config=/dev/null", "--no-env-file", realpathSync(Bun.main)];
}

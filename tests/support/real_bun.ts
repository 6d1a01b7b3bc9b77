/** The real Bun programs that tests install, run and replace. */

import { copyFileSync, existsSync, linkSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./repository.ts";

/** The Bun that runs the tests. */
export const realBun = realpathSync(process.execPath);

const older = join(REPOSITORY, "node_modules", "bun-older", "bin", "bun");

/** An older Bun, a development dependency of this project on Linux x64 alone. */
export const olderBun = existsSync(older) ? older : undefined;
export const OLDER_VERSION = "1.4.4";

/** Puts a program where a test wants it, without a second copy of its bytes if possible. */
export function placeProgram(from: string, to: string): void {
  rmSync(to, { force: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

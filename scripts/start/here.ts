/** Commands of this repository, run in it. */

import { join } from "node:path";
import { expect } from "./step.ts";

export const root = join(import.meta.dir, "..", "..");

/** Runs `bun` with these words; throws when it does not exit with 0. */
export function runHere(words: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, ...words], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(exitCode === 0, stderr.toString());
  return stdout.toString().trim();
}

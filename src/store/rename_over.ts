/** Renames in place of whatever has the name. */

import { renameSync } from "node:fs";
import { systemCode } from "../base/fs_errors.ts";
import { block } from "../base/sleep.ts";

/** What Windows says while another process has one of the two files open: a reader, a virus scanner. */
const IN_USE: ReadonlySet<string | undefined> = new Set(["EPERM", "EACCES", "EBUSY"]);
/** How long such a process is waited for. */
const WAIT_MS_MAX = 2_000;
const PAUSE_MS_MIN = 1;
const PAUSE_MS_MAX = 50;

/**
 * rename(2). On Windows it is tried again for a while where another process has the file open.
 *
 * @throws whatever the system says
 */
export function renameOver(from: string, to: string): void {
  if (process.platform !== "win32") return renameSync(from, to);
  const deadline = performance.now() + WAIT_MS_MAX;
  for (let pause = PAUSE_MS_MIN; ; pause = Math.min(2 * pause, PAUSE_MS_MAX)) {
    try {
      return renameSync(from, to);
    } catch (error) {
      if (!IN_USE.has(systemCode(error)) || performance.now() >= deadline) throw error;
      block(pause);
    }
  }
}

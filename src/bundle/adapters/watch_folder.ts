/**
 * A folder of one watch among those of the system that are temporary. Its name says whose it is, so that
 * the next watch removes what one that was killed has left.
 */

import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCode } from "../../base/fs_errors.ts";

/** What each of their names begins with. */
export const WATCH_FOLDER = "immuconfig-watch-";

/** @returns an empty folder of this process */
export function makeWatchFolder(): string {
  const above = tmpdir();
  const own = `${WATCH_FOLDER}${processSpace()}-`;
  removeLeft(above, own);
  return mkdtempSync(join(above, `${own}${process.pid}-`));
}

/** Removes this user's folders of processes that are gone. */
function removeLeft(above: string, prefix: string): void {
  for (const name of readdirSync(above)) {
    if (!name.startsWith(prefix)) continue;
    const [, pid] = /^(\d+)-[^-]+$/.exec(name.slice(prefix.length)) ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const folder = join(above, name);
    try {
      const { uid } = lstatSync(folder);
      if (uid === (process.getuid?.() ?? uid)) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another watch removes it, too; or it cannot be removed, and harms nobody.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}

/** Containers that share a folder have numbers of processes of their own. */
function processSpace(): string {
  if (process.platform !== "linux") return "0";
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch {
    return "0";
  }
}

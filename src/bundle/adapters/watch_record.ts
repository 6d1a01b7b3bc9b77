/**
 * A watcher of the record's file, which is replaced whole: watchers of bundlers lose such a file, or do
 * not look where it lies. It asks for the file's state again and again, which works on every system and
 * in every runtime.
 */

import { mkdtempSync, rmSync, unwatchFile, watchFile, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const INTERVAL_MS = 200;

/**
 * A file that is written in place whenever the record is replaced.
 *
 * @param file of the record
 * @returns its path; `stop` removes it
 */
export function mirrorRecord(file: string): { readonly file: string; readonly stop: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "immuconfig-watch-"));
  const mirror = join(folder, "record");
  let count = 0;
  const write = (): void => writeFileSync(mirror, String(count++));
  write();
  const stop = watchRecord(file, write);
  return {
    file: mirror,
    stop() {
      stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * @param file of the record
 * @param replaced is called when another file is in its place, or none
 * @returns ends the watch; it keeps no process alive
 */
export function watchRecord(file: string, replaced: () => void): () => void {
  const listener = (): void => replaced();
  watchFile(file, { interval: INTERVAL_MS, persistent: false }, listener);
  return () => unwatchFile(file, listener);
}

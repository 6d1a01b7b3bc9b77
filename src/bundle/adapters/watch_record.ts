/**
 * A watcher of the record's file, which is replaced whole: watchers of bundlers lose such a file, or do
 * not look where it lies. It asks for the file's state again and again, which works on every system and
 * in every runtime.
 */

import { mkdtempSync, rmSync, unwatchFile, watchFile, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImmuconfigError } from "../../base/errors.ts";
import type { BuildFlags } from "../flags/build_flags.ts";
import { flagsDigest, type ImmuconfigOptions, loadBuildFlags } from "./common.ts";

const INTERVAL_MS = 200;

/**
 * A file that is written in place whenever the record changes.
 *
 * @returns its path; `stop` removes it
 */
export function mirrorRecord(
  flags: BuildFlags,
  options: ImmuconfigOptions,
): { readonly file: string; readonly stop: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "immuconfig-watch-"));
  const file = join(folder, "record");
  writeFileSync(file, flags.record);
  let count = 0;
  const stop = watchRecord(flags, options, () => writeFileSync(file, String(++count)));
  return {
    file,
    stop() {
      stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * @param flags that are built with
 * @param changed is called when the record can be read and is another one; a record that is away, or
 * half way through a merge, is waited for
 * @returns ends the watch; it keeps no process alive
 */
export function watchRecord(
  flags: BuildFlags,
  options: ImmuconfigOptions,
  changed: () => void,
): () => void {
  let digest = flagsDigest(flags);
  const look = (): void => {
    let next: string;
    try {
      next = flagsDigest(loadBuildFlags({ ...options, file: flags.file }));
    } catch (error) {
      if (!(error instanceof ImmuconfigError)) throw error;
      // It will be another one when it is back.
      digest = "";
      return;
    }
    if (next === digest) return;
    digest = next;
    changed();
  };
  watchFile(flags.file, { interval: INTERVAL_MS, persistent: false }, look);
  return () => unwatchFile(flags.file, look);
}

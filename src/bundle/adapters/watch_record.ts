/**
 * A watcher of the record's file, which is replaced whole: watchers of bundlers lose such a file, or do
 * not look where it lies. It asks for the file's state again and again, which works on every system and
 * in every runtime.
 */

import { rmSync, unwatchFile, watchFile, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { escapePattern } from "../../base/text.ts";
import { makeWatchFolder, WATCH_FOLDER } from "./watch_folder.ts";

const INTERVAL_MS = 200;

/** A pattern of the files that a watch is to look at, or several. */
export type WatchPatterns = string | RegExp | readonly (string | RegExp)[] | null | undefined;

/**
 * What the patterns of a watch lack.
 *
 * @param include what it looks at alone
 * @param file of the record
 * @returns patterns of the record and of what is written in its place; none where it looks at all files
 */
export function missingPatterns(include: WatchPatterns, file: string): RegExp[] {
  if (listOf(include).length === 0) return [];
  return [new RegExp(`(?:^|[\\\\/])${escapePattern(basename(file))}$`), new RegExp(WATCH_FOLDER)];
}

/** Whether a watch looks at what is written in the record's place, as far as its patterns can tell. */
export function includesMirror(include: WatchPatterns): boolean {
  const patterns = listOf(include);
  return patterns.length === 0 || patterns.some(matchesMirror);
}

function matchesMirror(pattern: string | RegExp): boolean {
  if (typeof pattern !== "string") return pattern.test(`/${WATCH_FOLDER}`);
  return /^\/?\*\*$/.test(pattern) || pattern.includes(WATCH_FOLDER);
}

function listOf(patterns: WatchPatterns): readonly (string | RegExp)[] {
  return [patterns ?? []].flat();
}

/**
 * A file that is written in place whenever the record is replaced.
 *
 * @param file of the record
 * @returns its path; `stop` removes it
 */
export function mirrorRecord(file: string): { readonly file: string; readonly stop: () => void } {
  const folder = makeWatchFolder();
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

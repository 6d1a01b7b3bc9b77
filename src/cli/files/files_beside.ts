/** The files that belong to a record, as far as is looked for what a command keeps up to date. */

import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { FILE_NAME } from "../../store/find.ts";

/** How deep below the record's folder they are looked for: `packages/app/src`. */
const DEPTH_MAX = 3;
/** Folders looked into, so that no project makes a change slow. */
const FOLDER_COUNT_MAX = 1000;
/** Outputs and packages hold none that somebody edits. */
const SKIPPED = new Set(["node_modules", "dist", "build", "out", "coverage", "target", "vendor"]);

/**
 * The paths of the files in a record's folder and below, the nearest first, in one order on every
 * system. A folder with a record of its own, hidden ones, outputs and packages are left out.
 *
 * @param path of the record's file
 */
export function* filesBeside(path: string): Generator<string> {
  let folders = [dirname(path)];
  let looked = 0;
  for (let depth = 0; depth <= DEPTH_MAX; depth++) {
    const next: string[] = [];
    for (const folder of folders) {
      if (looked++ >= FOLDER_COUNT_MAX) return;
      if (depth > 0 && existsSync(join(folder, FILE_NAME))) continue;
      for (const entry of entriesOf(folder)) {
        const child = join(folder, entry.name);
        if (entry.isFile()) yield child;
        else if (entry.isDirectory() && !entry.name.startsWith(".") && !SKIPPED.has(entry.name)) {
          next.push(child);
        }
      }
    }
    folders = next;
  }
}

/** A folder that may not be listed has none. */
function entriesOf(folder: string) {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

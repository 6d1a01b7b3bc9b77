/** The one walk from a folder towards the root. */

import { dirname } from "node:path";
import { FIND_DEPTH_MAX } from "./limits.ts";

/**
 * A folder and those above it, the nearest first, at most {@link FIND_DEPTH_MAX}.
 *
 * @param folder absolute
 */
export function* foldersUpwards(folder: string): Generator<string, void> {
  let current = folder;
  for (let depth = 0; depth < FIND_DEPTH_MAX; depth++) {
    yield current;
    const parent = dirname(current);
    if (parent === current) return;
    current = parent;
  }
}

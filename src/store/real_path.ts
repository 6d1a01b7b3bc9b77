/** The path of a file without symbolic links. */

import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { cannotRead } from "../base/fs_errors.ts";
import { breaksLines } from "../base/text.ts";

const LINK_COUNT_MAX = 40;

/**
 * The path of a file without symbolic links. Unlike realpath(3) through /proc, as Bun has it, this
 * cannot fail because the file is renamed over meanwhile.
 *
 * @param path of a file
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`
 */
export function realFilePath(path: string): string {
  const followed = followFileLinks(path);
  return join(realpathSync(dirname(followed)), basename(followed));
}

/**
 * A path under which the file itself is no symbolic link; its folders may be.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`
 */
export function followFileLinks(path: string): string {
  try {
    let current = resolve(path);
    for (let links = 0; links < LINK_COUNT_MAX; links++) {
      if (!lstatSync(current).isSymbolicLink()) return current;
      // A relative link starts from where its folder really is.
      current = resolve(realpathSync(dirname(current)), readlinkSync(current));
      if (breaksLines(current)) throw cannotRead(path, "it leads to a name with a line break");
    }
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  throw cannotRead(path, "it is a circle of symbolic links", "Remove the links.");
}

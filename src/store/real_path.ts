/** The path of a file without symbolic links. */

import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
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
  const stamp = stampOf(path);
  const known = stamp === undefined ? undefined : places.get(path);
  if (known !== undefined && known.stamp === stamp) return known.real;
  const followed = followFileLinks(path);
  const real = join(realpathSync(dirname(followed)), basename(followed));
  if (places.size >= PLACE_COUNT_MAX) places.clear();
  if (stamp !== undefined && isAbsolute(path)) places.set(path, { stamp, real });
  return real;
}

/** Where files were found to be: what is the same file still is where it was, whatever leads to it now. */
const places = new Map<string, { readonly stamp: string; readonly real: string }>();
const PLACE_COUNT_MAX = 64;

/** Which file it is; undefined for none. */
function stampOf(path: string): string | undefined {
  try {
    const { dev, ino, ctimeMs } = statSync(path);
    return `${dev} ${ino} ${ctimeMs}`;
  } catch {
    return undefined;
  }
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

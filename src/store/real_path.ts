/** The path of a file without symbolic links. */

import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ImmuconfigError, isMissing, systemCode } from "../base/errors.ts";
import { notFoundError } from "./read.ts";

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
    }
  } catch (cause) {
    if (isMissing(cause)) throw notFoundError(path, cause);
    const reason = systemCode(cause) ?? String(cause);
    throw new ImmuconfigError("ERR_READ", `cannot follow ${path}: ${reason}`, {
      hint: "Check the permissions of its folders.",
      cause,
    });
  }
  throw new ImmuconfigError("ERR_READ", `${path} is a circle of symbolic links`, {
    hint: "Remove the links.",
  });
}

/** Text files of the project, read bounded and written whole. */

import { existsSync, lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ImmuconfigError } from "../../base/errors.ts";
import { cannotWrite } from "../../base/fs_errors.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../../base/limits.ts";
import { liesBelow } from "../../base/paths.ts";
import { foldersUpwards } from "../../base/walk_up.ts";
import { withLock } from "../../store/lock.ts";
import { readTextIfThere, readUpTo } from "../../base/read_file.ts";
import { FILE_SIZE_MAX } from "../../store/read.ts";
import { realFilePath } from "../../store/real_path.ts";
import { createFile, removeFile, replaceFile } from "../../store/durable_write.ts";

const utf8 = new TextEncoder();

/**
 * @returns undefined when there is no such file
 * @throws ImmuconfigError `ERR_READ`, also for bytes that are not UTF-8, or too many
 */
export function readText(path: string): string | undefined {
  return readTextIfThere(path, FILE_SIZE_MAX);
}

const lossy = new TextDecoder();

/**
 * What a source among many begins with, for what is learnt by looking at all of them.
 *
 * @returns at most 1 MiB, whatever its bytes are; nothing of a file that cannot be read
 */
export function peekAtText(path: string): string {
  try {
    return lossy.decode(readUpTo(path, SETTINGS_FILE_SIZE_MAX));
  } catch (error) {
    if (!(error instanceof ImmuconfigError)) throw error;
    return "";
  }
}

/**
 * Writes a file whole or not at all; a symbolic link is followed inside of the repository.
 *
 * @param expected the text it was planned on; undefined for a file that was not there
 * @throws ImmuconfigError `ERR_CONFLICT` when the file says something else by now; `ERR_WRITE`,
 * `ERR_EXISTS`, `ERR_BUSY`, `ERR_LOCK`
 */
export async function writeText(
  path: string,
  text: string,
  expected: string | undefined,
): Promise<void> {
  if (expected === undefined) {
    requireFolderInside(path);
    createFile(path, utf8.encode(text));
    return;
  }
  await changeUnderLock(path, expected, (real) => replaceFile(real, utf8.encode(text)));
}

/**
 * Removes a file; a symbolic link is followed inside of the repository.
 *
 * @param expected its text
 * @throws ImmuconfigError `ERR_CONFLICT` when the file says something else by now; `ERR_WRITE`,
 * `ERR_BUSY`, `ERR_LOCK`
 */
export async function removeText(path: string, expected: string): Promise<void> {
  await changeUnderLock(path, expected, (real) => removeFile(real));
}

/**
 * The real path of a file, which a clone's link must not place outside of the clone: in a stranger's
 * archive `.gitattributes` may lead to the user's `.bashrc`, and `src` to sources of another project.
 *
 * @throws ImmuconfigError `ERR_WRITE`
 */
export function requireInside(path: string): string {
  const real = realFilePath(path);
  requireBelow(path, real);
  return real;
}

/** The same for a file that is not there yet: its folder may be such a link. */
function requireFolderInside(path: string): void {
  const folder = dirname(path);
  if (existsSync(folder)) requireBelow(path, join(realpathSync(folder), basename(path)));
}

/** @param real where the path leads to */
function requireBelow(path: string, real: string): void {
  const folder = dirname(path);
  const top = realpathSync(repositoryOf(folder) ?? folder);
  if (liesBelow(real, top)) return;
  throw cannotWrite(path, `it leads to ${real}, outside of ${top}`, {
    hint: "Change that file yourself, or put a file in the place of the link.",
  });
}

/**
 * The same for a record that was found, and not named: a clone's link may lead to another project's. Where
 * there is no repository, a link may lead anywhere.
 *
 * @throws ImmuconfigError `ERR_WRITE`
 */
export function requireInRepository(path: string): void {
  if (repositoryOf(dirname(path)) !== undefined) requireInside(path);
}

/** The repository in which a folder stands by its name: what a link in one leads to may be another. */
function repositoryOf(folder: string): string | undefined {
  const found = [...foldersUpwards(folder)].filter((above) => existsSync(join(above, ".git")));
  return found.find((top) => !lstatSync(top).isSymbolicLink()) ?? found[0];
}

async function changeUnderLock(
  path: string,
  expected: string,
  change: (real: string) => void,
): Promise<void> {
  const real = requireInside(path);
  await withLock(dirname(real), () => {
    if (readText(real) !== expected) {
      throw new ImmuconfigError("ERR_CONFLICT", `${path} has changed meanwhile`, {
        hint: "Run the command again.",
      });
    }
    change(real);
  });
}

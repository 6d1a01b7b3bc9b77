import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import { writeError } from "./system_error.ts";

/** The files that an upgrade keeps beside a program. */
export interface ProgramFiles {
  folder: string;
  /** The program itself: no symbolic link. */
  target: string;
  /** The program before the last upgrade. */
  previous: string;
  /** The new program, until it takes its place. */
  fresh: string;
  /** A second name of a program, for the moment in which names change. */
  spare: string;
}

/** The files beside the program at `target`, an absolute path without symbolic links. */
export function programFiles(target: string): ProgramFiles {
  const folder = dirname(target);
  const name = basename(target);
  return {
    folder,
    target,
    previous: `${target}.prev`,
    fresh: join(folder, `.${name}.upgrade-new`),
    spare: join(folder, `.${name}.upgrade-spare`),
  };
}

/**
 * Puts the new program in the old one's place and keeps the old one as `.prev`. At every moment
 * the target's name leads to a whole program, so a process killed in here does no harm.
 *
 * @returns Whether there was an old program.
 * @throws ImmuconfigError `ERR_WRITE`; the old program is then still in its place.
 */
export function putInPlace(files: ProgramFiles): boolean {
  const { folder, target, previous, fresh, spare } = files;
  try {
    const hadProgram = existsSync(target);
    if (hadProgram) {
      // link() cannot replace a name, so the old `.prev` gives way to a second name by rename().
      rmSync(spare, { force: true });
      linkSync(target, spare);
      renameSync(spare, previous);
      // rename() does nothing when both names are the same file already.
      rmSync(spare, { force: true });
    }
    renameSync(fresh, target);
    syncFolder(folder);
    return hadProgram;
  } catch (cause) {
    throw writeError("replace the program", target, cause);
  }
}

/**
 * Undoes `putInPlace`: the program kept as `.prev` takes its place again.
 *
 * @param hadProgram Whether there was a program before; if not, the new one is removed.
 * @throws ImmuconfigError `ERR_WRITE`.
 */
export function putBack(files: ProgramFiles, hadProgram: boolean): void {
  try {
    if (hadProgram) renameSync(files.previous, files.target);
    else rmSync(files.target, { force: true });
    syncFolder(files.folder);
  } catch (cause) {
    throw writeError("put the old program back", files.target, cause);
  }
}

/**
 * Lets the program and its `.prev` change places, so that a second call changes them back.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` when there is no `.prev`; `ERR_WRITE`.
 */
export function changePlaces(files: ProgramFiles): void {
  const { folder, target, previous, spare } = files;
  requirePrevious(files);
  try {
    rmSync(spare, { force: true });
    linkSync(target, spare);
    renameSync(previous, target);
    renameSync(spare, previous);
    rmSync(spare, { force: true });
    syncFolder(folder);
  } catch (cause) {
    throw writeError("go back to the old program", target, cause);
  }
}

/** @throws ImmuconfigError `ERR_NOT_FOUND` when no regular file is kept as `.prev`. */
export function requirePrevious(files: ProgramFiles): void {
  const stat = lstatSync(files.previous, { throwIfNoEntry: false });
  if (stat?.isFile() === true) return;
  throw new ImmuconfigError("ERR_NOT_FOUND", `there is no ${files.previous} to go back to`, {
    hint: "Only an upgrade by bun-config keeps the old program.",
  });
}

/** Makes the names in a folder durable. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

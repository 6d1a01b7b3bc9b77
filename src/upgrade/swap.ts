/** The names of the files beside a program, and how they change. */

import { existsSync, lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import { exchangeFiles, removeFile, replaceByFile } from "../store/durable_write.ts";

/** The files that an upgrade keeps beside a program. */
export interface ProgramFiles {
  readonly folder: string;
  /** The program itself: no symbolic link. */
  readonly target: string;
  /** The program before the last upgrade. */
  readonly previous: string;
  /** The new program, until it takes its place. */
  readonly fresh: string;
  /** A second name of a program, for the moment in which names change. */
  readonly spare: string;
}

/** @param target an absolute path without symbolic links */
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
 * @returns whether there was an old program
 * @throws ImmuconfigError `ERR_WRITE`; the old program is then still in its place
 */
export function putInPlace({ target, previous, fresh, spare }: ProgramFiles): boolean {
  const hadProgram = existsSync(target);
  replaceByFile(target, fresh, hadProgram ? { keepAs: previous, spare } : undefined);
  return hadProgram;
}

/**
 * Undoes `putInPlace`: the program kept as `.prev` takes its place again.
 *
 * @param hadProgram whether there was a program before; if not, the new one is removed
 * @throws ImmuconfigError `ERR_WRITE`
 */
export function putBack({ target, previous }: ProgramFiles, hadProgram: boolean): void {
  if (hadProgram) replaceByFile(target, previous);
  else removeFile(target);
}

/**
 * Swaps the program and its `.prev`, so that a second call swaps them back.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` when there is no `.prev`; `ERR_WRITE`
 */
export function swapWithPrevious(files: ProgramFiles): void {
  requirePrevious(files);
  exchangeFiles(files.target, files.previous, files.spare);
}

/** @throws ImmuconfigError `ERR_NOT_FOUND` when no regular file is kept as `.prev` */
export function requirePrevious({ previous }: ProgramFiles): void {
  if (lstatSync(previous, { throwIfNoEntry: false })?.isFile() === true) return;
  throw new ImmuconfigError("ERR_NOT_FOUND", `there is no ${previous} to go back to`, {
    hint: "Only an upgrade by bun-config keeps the old program.",
  });
}

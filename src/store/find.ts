/** Where the configuration file is. */

import { lstatSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { isMissing } from "../base/fs_errors.ts";
import { requireOwner } from "../base/owner.ts";
import { foldersUpwards } from "../base/walk_up.ts";

export const FILE_NAME = "bunfig.lockb";

const MISSING_HINT =
  `Bring it: git restore ${FILE_NAME}, COPY ${FILE_NAME} into the image, or build it in with ` +
  "`bun-config build`. A new project's: `bun-config init`. One elsewhere: --file or IMMUCONFIG_FILE.";

/** What the search depends on, handed in by the caller. */
export interface Surroundings {
  /** The working folder, absolute. */
  readonly cwd: string;
  readonly env: Environment;
  /**
   * The folder of the program that asks (src/runtime/program.ts), or the root that a bundler was given;
   * undefined for commands.
   */
  readonly program?: string | undefined;
  /** The value of `--file`. */
  readonly file?: string | undefined;
}

/**
 * The file that the user named, or else the nearest `bunfig.lockb`: from the program's own folder
 * upwards, and then from the working folder. A named file need not exist.
 *
 * @returns an absolute path, or undefined when there is none
 * @throws ImmuconfigError `ERR_OWNER` for another user's file that was not named
 */
export function findFile({ cwd, env, file, program }: Surroundings): string | undefined {
  const named = file ?? env["IMMUCONFIG_FILE"];
  if (named !== undefined && named !== "") return resolve(cwd, named);
  const own = program === undefined ? undefined : nearest(program);
  return own ?? nearest(resolve(cwd));
}

function nearest(start: string): string | undefined {
  for (const folder of foldersUpwards(start)) {
    const path = join(folder, FILE_NAME);
    if (!isPresent(path)) continue;
    requireOwner(path, start);
    return path;
  }
  return undefined;
}

/** @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_OWNER` */
export function requireFile(surroundings: Surroundings): string {
  const path = findFile(surroundings);
  if (path !== undefined) return path;
  const { cwd, program } = surroundings;
  const own = program === undefined ? "" : `${program}, `;
  throw new ImmuconfigError(
    "ERR_NOT_FOUND",
    `no ${FILE_NAME} in ${own}${cwd} or any folder above`,
    { hint: MISSING_HINT },
  );
}

/**
 * A link that leads nowhere, or a file that may not be looked at, is there: the search must not
 * end in another project's file. Reading it says what is wrong.
 */
function isPresent(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return !isMissing(error);
  }
}

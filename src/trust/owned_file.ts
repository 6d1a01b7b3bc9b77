/** Files that decide whom this user trusts: only what the user, or the system, wrote counts. */

import { chmodSync, closeSync, fstatSync, lstatSync, mkdirSync, readFileSync } from "node:fs";
import type { Stats } from "node:fs";
import { ImmuconfigError } from "../base/errors.ts";
import { cannotRead, cannotWrite } from "../base/fs_errors.ts";
import { openFile } from "../base/read_file.ts";

interface OwnedFileOptions {
  /** Nobody else may read it either. */
  readonly secret?: boolean;
}

const HINT = "Look at it before you trust it; then give it to yourself: chown, chmod go-rwx.";

/**
 * A file's text, bounded.
 *
 * @param sizeMax in bytes
 * @returns undefined when there is none
 * @throws ImmuconfigError `ERR_READ` for one that others could have written
 */
export function readTrustedFile(
  path: string,
  sizeMax: number,
  { secret = false }: OwnedFileOptions = {},
): string | undefined {
  try {
    const { descriptor, size } = openFile(path);
    try {
      const fault = faultOf(fstatSync(descriptor), secret);
      if (fault !== undefined) throw cannotRead(path, fault, HINT);
      if (size > sizeMax) throw cannotRead(path, `it has more than ${sizeMax} bytes`, HINT);
      return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(descriptor));
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    if (cause instanceof ImmuconfigError && cause.code === "ERR_NOT_FOUND") return undefined;
    throw cannotRead(path, cause instanceof TypeError ? "it is no UTF-8" : cause);
  }
}

function faultOf(stat: Stats, secret: boolean): string | undefined {
  const own = process.geteuid?.();
  if (own === undefined) return undefined;
  if (stat.uid !== own && stat.uid !== 0) return `it belongs to user ${stat.uid}`;
  if ((stat.mode & OTHERS_WRITE) !== 0) return "others may write it";
  if (secret && (stat.mode & OTHERS_READ_OR_WRITE) !== 0) return "others may read it";
  return undefined;
}

/** Permission bits of a folder that others may not change, and of one that they may not look into either. */
export const OTHERS_WRITE = 0o022;
export const OTHERS_READ_OR_WRITE = 0o077;
const OWN_FOLDER_MODE = 0o700;

/**
 * Makes a folder for this user alone. One that is there already is closed to others, if it was open to them.
 *
 * @param forbidden permission bits that others may not have
 * @throws ImmuconfigError `ERR_WRITE`
 */
export function makeOwnFolder(folder: string, forbidden: number): void {
  try {
    mkdirSync(folder, { recursive: true, mode: OWN_FOLDER_MODE });
    if ((lstatSync(folder).mode & forbidden) !== 0) chmodSync(folder, OWN_FOLDER_MODE);
  } catch (cause) {
    throw cannotWrite(folder, cause, { doing: "create" });
  }
}

/** @throws ImmuconfigError `ERR_NOT_FOUND` for a user without a home */
export function requireHome(folder: string | undefined): string {
  if (folder !== undefined) return folder;
  throw new ImmuconfigError("ERR_NOT_FOUND", "this user has no home folder to keep it in", {
    hint: "Set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME, to absolute paths.",
  });
}

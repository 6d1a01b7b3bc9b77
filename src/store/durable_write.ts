/**
 * Durable writes: the only code that replaces files. A crash at any instant leaves the old file or
 * the new one: the bytes are synced under another name before that name takes the file's place, and
 * the folder is synced after.
 */

import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import { cannotWrite, systemCode } from "../base/fs_errors.ts";
import { FOLDER_FLAGS } from "./folder_flags.ts";
import { renameOver } from "./rename_over.ts";
import { writeAll } from "./write_all.ts";

/** What a new file takes over from the one that it replaces. */
export interface Attributes {
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** Only the owner writes a new file, and who may read it, the umask says. */
const NEW_FILE_MODE = 0o644;
const PERMISSION_BITS = 0o7777;

/**
 * Replaces a file. The caller holds the folder's lock.
 *
 * @param path of an existing file that is not a symbolic link
 * @param folderDescriptor an open descriptor of its folder, such as the lock's
 * @throws ImmuconfigError `ERR_WRITE`; the old file is then whole, unless the message says that
 * the new one is in place
 */
export function replaceFile(path: string, bytes: Uint8Array, folderDescriptor?: number): void {
  // Under the lock one name serves all writers: what a killed one left is overwritten.
  const temporary = join(dirname(path), `.${basename(path)}.new`);
  guardWrite(path, () => {
    writeSynced(temporary, bytes, statSync(path));
    try {
      renameOver(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    syncFolder(dirname(path), folderDescriptor);
  });
}

/**
 * Creates a file, whole or not at all, without a lock: of several writers one wins.
 *
 * @param path in an existing folder
 * @param attributes of a file that is for its owner alone; nothing leaves it to the umask
 * @throws ImmuconfigError `ERR_EXISTS` when the file is there already; `ERR_WRITE`
 */
export function createFile(path: string, bytes: Uint8Array, attributes?: Attributes): void {
  // Process ids are not enough: those of two containers, or two threads, can be the same.
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.new`);
  guardWrite(path, () => {
    writeSynced(temporary, bytes, attributes);
    try {
      takeName(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
    syncFolder(dirname(path));
  });
}

/**
 * Removes a file. The caller holds the folder's lock.
 *
 * @param path the real path of the file; one that is gone already is no error
 * @throws ImmuconfigError `ERR_WRITE`
 */
export function removeFile(path: string): void {
  guardWrite(path, () => {
    rmSync(path, { force: true });
    syncFolder(dirname(path));
  });
}

/**
 * Lets a file of the same folder, whole and synced, take another's place.
 *
 * @param options.keepAs where the old file stays, in the place of what was there before
 * @param options.spare a name for the moment in which names change
 * @throws ImmuconfigError `ERR_WRITE`; the old file is then still in its place
 */
export function replaceByFile(
  path: string,
  fresh: string,
  options?: { readonly keepAs: string; readonly spare: string },
): void {
  guardWrite(path, () => {
    // link() cannot replace a name, so what is kept already gives way to a second name by rename().
    if (options !== undefined) {
      secondName(path, options.spare);
      renameOver(options.spare, options.keepAs);
      // rename() does nothing when both names are the same file already.
      rmSync(options.spare, { force: true });
    }
    renameOver(fresh, path);
    syncFolder(dirname(path));
  });
}

/**
 * Lets two files of a folder change places. At every moment `path` leads to a whole one.
 *
 * @param spare a name for the moment in which names change
 * @throws ImmuconfigError `ERR_WRITE`
 */
export function exchangeFiles(path: string, other: string, spare: string): void {
  guardWrite(path, () => {
    secondName(path, spare);
    renameOver(other, path);
    renameOver(spare, other);
    rmSync(spare, { force: true });
    syncFolder(dirname(path));
  });
}

/**
 * Gives a file its owner and its mode, and makes its bytes durable.
 *
 * @param like nothing leaves the file as it was made
 */
export function finishFile(descriptor: number, like?: Attributes): void {
  if (like !== undefined) {
    const made = fstatSync(descriptor);
    const { uid = made.uid, gid = made.gid } = like;
    // Before the mode: a change of owner clears the set-id bits.
    if (uid !== made.uid || gid !== made.gid) {
      const kept = keepOwner(descriptor, uid, gid);
      if (!kept && gid !== made.gid) keepOwner(descriptor, made.uid, gid);
    }
    const mode = like.mode & PERMISSION_BITS;
    // The umask took bits away that the old file has.
    if ((made.mode & PERMISSION_BITS) !== mode) fchmodSync(descriptor, mode);
  }
  fsyncSync(descriptor);
}

/** Writes a new file and syncs it; removes it again when that fails. */
function writeSynced(path: string, bytes: Uint8Array, like?: Attributes): void {
  const descriptor = openNew(path, (like?.mode ?? NEW_FILE_MODE) & PERMISSION_BITS);
  try {
    writeAll(descriptor, bytes);
    finishFile(descriptor, like);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * So that root does not take a file from its owner, nor anybody from its group. Only root may give
 * files away, and others only to groups of their own.
 *
 * @returns whether the system allowed it
 */
function keepOwner(descriptor: number, uid: number, gid: number): boolean {
  try {
    fchownSync(descriptor, uid, gid);
    return true;
  } catch (error) {
    if (systemCode(error) !== "EPERM") throw error;
    return false;
  }
}

/** Takes what a killed writer left out of the way. */
function openNew(path: string, mode: number): number {
  try {
    return openSync(path, "wx", mode);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    try {
      rmSync(path, { force: true });
    } catch (cause) {
      // It has another name than what is written.
      throw cannotWrite(path, cause);
    }
    return openSync(path, "wx", mode);
  }
}

/** What a file system without hard links (FAT, some of FUSE) says when it is asked for one. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
]);

/** Gives a file its name, if nobody else has it. */
function takeName(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (!NO_LINKS.has(systemCode(error))) throw error;
    // The empty file decides which of several writers wins.
    closeSync(openSync(path, "wx"));
    try {
      renameOver(temporary, path);
    } catch (cause) {
      rmSync(path, { force: true });
      throw cause;
    }
  }
}

/** Gives a file a second name, or a copy where it can have but one. */
function secondName(path: string, spare: string): void {
  rmSync(spare, { force: true });
  try {
    linkSync(path, spare);
  } catch (error) {
    if (!NO_LINKS.has(systemCode(error))) throw error;
    copyFileSync(path, spare, constants.COPYFILE_EXCL);
    const descriptor = openSync(spare, "r+");
    try {
      finishFile(descriptor, statSync(path));
    } finally {
      closeSync(descriptor);
    }
  }
}

/**
 * Makes the new name durable.
 *
 * @param open a descriptor of the folder, where the caller has one
 */
function syncFolder(folder: string, open?: number): void {
  try {
    if (open !== undefined) return fsyncSync(open);
    const descriptor = openSync(folder, FOLDER_FLAGS);
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    const reason = systemCode(cause) ?? String(cause);
    // Of Windows' file systems, NTFS keeps a journal of names, and others sync no folder.
    if (process.platform === "win32") return;
    throw new ImmuconfigError(
      "ERR_WRITE",
      `cannot sync ${folder}: ${reason}; the new file is in place, but a power cut may undo it`,
      { hint: "Check the disk, then read the file before you try again.", cause },
    );
  }
}

function guardWrite(path: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (systemCode(cause) !== "EEXIST") throw cannotWrite(path, cause);
    throw new ImmuconfigError("ERR_EXISTS", `${path} exists already`, {
      hint: "It was made meanwhile: look at it, and run the command again.",
      cause,
    });
  }
}

/**
 * Durable writes. A crash at any instant leaves the old file or the new one: the bytes are synced
 * under another name before that name takes the file's place, and the folder is synced after.
 */

import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { ImmuconfigError, systemCode } from "../base/errors.ts";

/** Only the owner writes a new file; everybody may read it, as git checks files out. */
const NEW_FILE_MODE = 0o644;
const PERMISSION_BITS = 0o7777;

/** What a new file takes over from the one that it replaces. */
interface Attributes {
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

const HINTS: Readonly<Record<string, string>> = {
  EACCES: "Check the permissions of the folder.",
  EPERM: "Check the permissions of the folder.",
  EROFS: "The file system is read-only.",
  ENOSPC: "The disk is full: make room and try again.",
  EDQUOT: "The disk quota is used up: make room and try again.",
  EIO: "The disk reports errors: check it before you try again.",
};

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
      renameSync(temporary, path);
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
 * @throws ImmuconfigError `ERR_EXISTS` when the file is there already; `ERR_WRITE`
 */
export function createFile(path: string, bytes: Uint8Array): void {
  // Process ids are not enough: those of two containers, or two threads, can be the same.
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.new`);
  guardWrite(path, () => {
    writeSynced(temporary, bytes, { mode: NEW_FILE_MODE });
    try {
      linkSync(temporary, path);
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

/** Writes a new file and syncs it; removes it again when that fails. */
function writeSynced(path: string, bytes: Uint8Array, like: Attributes): void {
  const mode = like.mode & PERMISSION_BITS;
  const descriptor = openNew(path, mode);
  try {
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(descriptor, bytes, written, bytes.length - written);
    }
    const made = fstatSync(descriptor);
    const { uid = made.uid, gid = made.gid } = like;
    // Before the mode: a change of owner clears the set-id bits.
    if (uid !== made.uid || gid !== made.gid) {
      const kept = keepOwner(descriptor, uid, gid);
      if (!kept && gid !== made.gid) keepOwner(descriptor, made.uid, gid);
    }
    // The umask took bits away that the old file has.
    if ((made.mode & PERMISSION_BITS) !== mode) fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
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
    rmSync(path, { force: true });
    return openSync(path, "wx", mode);
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
    const descriptor = openSync(folder, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    const reason = systemCode(cause) ?? String(cause);
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
    if (cause instanceof ImmuconfigError) throw cause;
    const code = systemCode(cause);
    if (code === "EEXIST") {
      throw new ImmuconfigError("ERR_EXISTS", `${path} exists already`, {
        hint: "Change it with `bun-config set` and `bun-config feature`.",
        cause,
      });
    }
    const hint = HINTS[code ?? ""] ?? "Nothing was changed.";
    throw new ImmuconfigError("ERR_WRITE", `cannot write ${path}: ${code ?? String(cause)}`, {
      hint,
      cause,
    });
  }
}

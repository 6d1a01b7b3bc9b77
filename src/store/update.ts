/** Changes an existing file under its lock: read, checked and replaced as a whole. */

import { dirname } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import { type File, decodeUnverified, encodeFile } from "../format/file.ts";
import { GENERATION_MAX } from "../base/limits.ts";
import { type LockOptions, withLock } from "./lock.ts";
import { readFileBytes } from "./read.ts";
import { followFileLinks } from "./real_path.ts";
import { checkFileName } from "./bun_lockfile.ts";
import { replaceRecord } from "./twin.ts";

export interface UpdateOptions extends LockOptions {
  /** Reads and verifies the file under the lock: who may be believed, `trust/` says. */
  readonly read: (path: string) => File;
  /** Lets a frozen file change: for `thaw` alone. */
  readonly allowFrozen?: boolean;
  /** Signs what a signed file becomes; without it, a signed file does not change. */
  readonly seal?: ((file: File) => Promise<File>) | undefined;
}

export interface Update {
  readonly before: File;
  /** The same object as `before` when there was nothing to change. */
  readonly after: File;
  /** Of the file itself, where the given path is a symbolic link. */
  readonly path: string;
}

/**
 * Changes a file under the lock: reads it again, applies the change, writes the result with the
 * next generation, and its text twin if it has one. A change that returns its argument writes nothing.
 *
 * @param path of the file; a symbolic link is followed, not replaced
 * @throws ImmuconfigError `ERR_WRITE`, `ERR_BUSY`, `ERR_LOCK`, `ERR_UNSUPPORTED`, `ERR_FROZEN`,
 * `ERR_KEY`, `ERR_UNSAFE_NAME`; whatever `read`, `change` and `seal` throw. The old file is then whole.
 */
export async function updateFile(
  path: string,
  change: (file: File) => File,
  options: UpdateOptions,
): Promise<Update> {
  const { read, allowFrozen = false, seal } = options;
  const target = followFileLinks(path);
  checkFileName(target);
  return withLock(
    dirname(target),
    async (folderDescriptor) => {
      const before = read(target);
      const changed = nextFile(before, change, path, allowFrozen);
      if (changed === before) return { before, after: before, path: target };
      if (before.signature !== null && seal === undefined) throw signedError(path);
      const after = seal === undefined ? changed : await seal(changed);
      const bytes = encodeChecked(after);
      replaceRecord(target, bytes, folderDescriptor);
      return { before, after, path: target };
    },
    options,
  );
}

/**
 * Puts a whole file that comes from elsewhere in the place of an older one, under the lock.
 *
 * @param path of the file; a symbolic link is followed, not replaced
 * @param bytes that the caller has verified
 * @throws ImmuconfigError `ERR_CONFLICT` when the file is not older, `ERR_FROZEN`, `ERR_WRITE`,
 * `ERR_BUSY`, `ERR_LOCK`, `ERR_UNSUPPORTED`, `ERR_UNSAFE_NAME`; whatever `read` throws. The old file
 * is then whole.
 */
export async function adoptFile(
  path: string,
  bytes: Uint8Array,
  options: UpdateOptions,
): Promise<Update> {
  const { read, allowFrozen = false } = options;
  const target = followFileLinks(path);
  checkFileName(target);
  return withLock(
    dirname(target),
    (folderDescriptor) => {
      const before = read(target);
      if (before.frozen && !allowFrozen) throw frozenError(path);
      const after = decodeUnverified(bytes);
      if (after.generation <= before.generation) throw notOlderError(path, before, after);
      replaceRecord(target, bytes, folderDescriptor);
      return { before, after, path: target };
    },
    options,
  );
}

/**
 * What a change would make of a file.
 *
 * @param path for messages
 * @returns the same object when there is nothing to change
 * @throws ImmuconfigError `ERR_FROZEN`, `ERR_WRITE`; whatever `change` throws
 */
export function nextFile(
  before: File,
  change: (file: File) => File,
  path: string,
  allowFrozen = false,
): File {
  if (before.frozen && !allowFrozen) throw frozenError(path);
  const changed = change(before);
  if (changed === before) return before;
  return { ...changed, generation: nextGeneration(before.generation) };
}

/**
 * Writes the signed form of a file, if it is still the one that was signed. A signature is no change:
 * the generation stays.
 *
 * @param path of an existing file; a symbolic link is followed, not replaced
 * @param before its bytes as they were read
 * @throws ImmuconfigError `ERR_CONFLICT` when it changed meanwhile; all that `updateFile` throws
 */
export async function sealFile(path: string, before: Uint8Array, after: File): Promise<void> {
  const target = followFileLinks(path);
  checkFileName(target);
  await withLock(dirname(target), (folderDescriptor) => {
    if (Buffer.compare(readFileBytes(target), before) !== 0) {
      throw new ImmuconfigError("ERR_CONFLICT", `${path} changed while it was being signed`, {
        hint: "Sign it again, and look at what changed.",
      });
    }
    const bytes = encodeChecked(after);
    replaceRecord(target, bytes, folderDescriptor);
  });
}

/** The bytes of a file, read back before anything is replaced by them. */
function encodeChecked(file: File): Uint8Array {
  const bytes = encodeFile(file);
  decodeUnverified(bytes);
  return bytes;
}

function nextGeneration(generation: number): number {
  if (generation < GENERATION_MAX) return generation + 1;
  throw new ImmuconfigError("ERR_WRITE", `the generation has reached its end, ${GENERATION_MAX}`, {
    hint: "Create the file anew; its history starts again.",
  });
}

function notOlderError(path: string, before: File, after: File): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_CONFLICT",
    `${path} is generation ${before.generation}, the other file ${after.generation}`,
    { hint: "What is here may be newer: push it, or merge the two in git." },
  );
}

export function frozenError(path: string): ImmuconfigError {
  return new ImmuconfigError("ERR_FROZEN", `${path} is frozen`, {
    hint: "Allow changes again with `bun-config thaw`.",
  });
}

function signedError(path: string): ImmuconfigError {
  return new ImmuconfigError("ERR_KEY", `${path} is signed, and a change needs the key`, {
    hint: "Change it where the private key is.",
  });
}

/** What to say when the operating system refuses to read or to write: the one author of both. */

import { ImmuconfigError, messageOf } from "./errors.ts";

/** Whether an operating-system error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** The `code` of an operating-system error (`"ENOENT"`), if it has one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Why, and what to do about it. */
type Reason = readonly [reason: string, hint: string];

const READ_REASONS: Readonly<Record<string, Reason>> = {
  EACCES: ["permission denied", "Check the permissions of the file and its folders."],
  EPERM: ["permission denied", "Check the permissions of the file and its folders."],
  EISDIR: ["it is a folder", "Name a file."],
  ELOOP: ["it is a circle of symbolic links", "Remove the links."],
  EIO: ["the disk reports errors", "Check the disk before you try again."],
  ERR_ACCESS_DENIED: ["Node's permissions forbid it", "Start it with --allow-fs-read=PATH."],
};

const WRITE_REASONS: Readonly<Record<string, Reason>> = {
  EACCES: ["permission denied", "Check the permissions of the folder."],
  EPERM: ["permission denied", "Check the permissions of the folder."],
  EROFS: ["the file system is read-only", "Choose another folder, or mount it for writing."],
  // Also where it has room, and none for the name of another file.
  ENOSPC: ["the disk is full", "Make room on the disk (`df`, `df -i`) and try again."],
  EDQUOT: ["the disk quota is used up", "Make room on the disk and try again."],
  EIO: ["the disk reports errors", "Check the disk before you try again."],
  EEXIST: ["a file is in the way", "Choose another name, or remove it."],
  ENOENT: ["its folder does not exist", "Create the folder."],
  ENOTDIR: ["its folder is a file", "Choose another folder."],
  EISDIR: ["it is a folder", "Choose another name."],
  ERR_FS_EISDIR: ["it is a folder", "Remove it."],
  ELOOP: ["it is a symbolic link", "Remove the link."],
  ENXIO: ["it is a pipe that nobody reads", "Remove it, or choose another name."],
  ERR_ACCESS_DENIED: ["Node's permissions forbid it", "Start it with --allow-fs-write=PATH."],
};

/**
 * Says why a file cannot be read (code `ERR_READ`), or that it does not exist (`ERR_NOT_FOUND`).
 *
 * @param cause what the operating system said, or a reason in words
 * @param hint where there is more to say than the reason has
 */
export function cannotRead(path: string, cause: unknown, hint?: string): ImmuconfigError {
  if (cause instanceof ImmuconfigError) return cause;
  if (isMissing(cause)) return doesNotExist(path, cause, hint);
  const [reason, usual] = reasonOf(cause, READ_REASONS, "Check the file.");
  return new ImmuconfigError("ERR_READ", `cannot read ${path}: ${reason}`, {
    hint: hint ?? usual,
    cause,
  });
}

/** There is no such file (code `ERR_NOT_FOUND`). */
function doesNotExist(path: string, cause: unknown, hint?: string): ImmuconfigError {
  return new ImmuconfigError("ERR_NOT_FOUND", `${path} does not exist`, {
    hint: hint ?? "Check the path.",
    cause,
  });
}

/**
 * Says why a file cannot be written (code `ERR_WRITE`).
 *
 * @param cause what the operating system said, or a reason in words
 * @param more.doing what was being done, such as "create"
 * @param more.hint where there is more to say than the reason has
 */
export function cannotWrite(
  path: string,
  cause: unknown,
  more: { readonly doing?: string; readonly hint?: string } = {},
): ImmuconfigError {
  if (cause instanceof ImmuconfigError) return cause;
  const { doing = "write" } = more;
  const [reason, usual] = reasonOf(cause, WRITE_REASONS, "Nothing was changed.");
  const hint = more.hint ?? usual;
  return new ImmuconfigError("ERR_WRITE", `cannot ${doing} ${path}: ${reason}`, { hint, cause });
}

/** The system's own name for the reason stays: it is what people search for. */
function reasonOf(
  cause: unknown,
  reasons: Readonly<Record<string, Reason>>,
  usualHint: string,
): Reason {
  if (typeof cause === "string") return [cause, usualHint];
  const code = systemCode(cause);
  const known = reasons[code ?? ""];
  if (known !== undefined) return [`${known[0]} (${code})`, known[1]];
  return [code ?? messageOf(cause), usualHint];
}

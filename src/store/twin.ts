/**
 * The text twin of a record's file: the same facts in words, beside it, for people who review a
 * change where there is no driver. It is written whenever the file is, if it is there; what it says
 * decides nothing.
 */

import { lstatSync } from "node:fs";
import { cannotRead, isMissing } from "../base/fs_errors.ts";
import { TWIN_SUFFIX, twinText } from "../format/describe/text.ts";
import { replaceFile } from "./durable_write.ts";
import { readFileBytes } from "./read.ts";

/** What to do about a twin that is not true. */
export const REWRITE_TWIN =
  "Write it again with `bun-config init`; an open merge ends with `bun-config resolve`.";

/** Where a file's twin is. */
export function twinPath(path: string): string {
  return path + TWIN_SUFFIX;
}

/** `untrue`: it says something else than the file, or is no plain file. */
export type TwinState = "none" | "true" | "untrue";

/**
 * @param path of the file
 * @param bytes of the file
 * @throws ImmuconfigError `ERR_READ`
 */
export function twinState(path: string, bytes: Uint8Array): TwinState {
  const kind = twinKind(path);
  if (kind !== "file") return kind === "none" ? "none" : "untrue";
  const wanted = new TextEncoder().encode(twinText(bytes));
  return Buffer.compare(readFileBytes(twinPath(path)), wanted) === 0 ? "true" : "untrue";
}

/**
 * Replaces a record's file, and writes the twin anew where there is one. The caller holds the folder's
 * lock. A crash between the two leaves the file right and the twin to be written again.
 *
 * @param folderDescriptor of the lock, where the caller has one
 * @throws ImmuconfigError `ERR_WRITE`
 */
export function replaceRecord(path: string, bytes: Uint8Array, folderDescriptor?: number): void {
  replaceFile(path, bytes, folderDescriptor);
  // A link is not followed: it may lead out of the project.
  if (twinKind(path) !== "file") return;
  replaceFile(twinPath(path), new TextEncoder().encode(twinText(bytes)), folderDescriptor);
}

/** What lies where a file's twin would. */
export function twinKind(path: string): "none" | "file" | "other" {
  const twin = twinPath(path);
  try {
    return lstatSync(twin).isFile() ? "file" : "other";
  } catch (error) {
    if (isMissing(error)) return "none";
    throw cannotRead(twin, error);
  }
}

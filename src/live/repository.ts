/** The configuration file as the live view sees it: its content, and whether it is still that. */

import { statSync } from "node:fs";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import type { File } from "../format/file.ts";
import { readConfigFile } from "../trust/verified.ts";
import { IDENTITY_SIZE } from "./segment.ts";

/** A file may be replaced while it is read; not for ever. */
const READ_TRIES_MAX = 10;

export interface RepositoryFile {
  /** Device, inode, time of change and size: 32 bytes that no two states of a file share. */
  readonly identity: Uint8Array;
  readonly file: File;
}

/**
 * Reads and verifies a file, and says which one it was.
 *
 * @param path the real path
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SIGNATURE`; FormatError
 */
export function readRepositoryFile(path: string, env: Environment): RepositoryFile {
  for (let tries = 0; tries < READ_TRIES_MAX; tries++) {
    const identity = fileIdentity(path);
    const file = readConfigFile(path, env);
    if (identity !== undefined && isSameFile(identity, fileIdentity(path))) {
      return { identity, file };
    }
  }
  throw new ImmuconfigError("ERR_READ", `${path} changes faster than it can be read`, {
    hint: "Find the program that keeps writing it.",
  });
}

/** @returns undefined when there is no file at the path */
export function fileIdentity(path: string): Uint8Array | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const { dev, ino, ctimeNs, size } = stats;
  const identity = new Uint8Array(IDENTITY_SIZE);
  new BigUint64Array(identity.buffer).set([dev, ino, ctimeNs, size]);
  return identity;
}

export function isSameFile(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}

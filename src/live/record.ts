/** The record's file as live views see it: its content, and whether it is still that. */

import { type BigIntStats, statSync } from "node:fs";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { cannotRead } from "../base/fs_errors.ts";
import type { File } from "../format/file.ts";
import { recordToText } from "../format/record.ts";
import { featureStates } from "../runtime/snapshot.ts";
import { readConfigFile } from "../trust/verified.ts";
import { IDENTITY_SIZE } from "./segment.ts";
import type { LiveRecord } from "./state.ts";

/** A file may be replaced while it is read; not for ever. */
const READ_TRIES_MAX = 10;

/**
 * Reads and verifies a file, and says which one it was.
 *
 * @param path the real path
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SIGNATURE`; FormatError
 */
export function readFileAndRecord(
  path: string,
  env: Environment,
): { readonly file: File; readonly record: LiveRecord } {
  for (let tries = 0; tries < READ_TRIES_MAX; tries++) {
    const identity = fileIdentity(path);
    const file = readConfigFile(path, env);
    if (identity !== undefined && isSameFile(identity, fileIdentity(path))) {
      return { file, record: liveRecord(file, identity) };
    }
  }
  throw new ImmuconfigError("ERR_READ", `${path} changes faster than it can be read`, {
    hint: "Find the program that keeps writing it.",
  });
}

function liveRecord(file: File, identity: Uint8Array): LiveRecord {
  return {
    identity,
    generation: file.generation,
    record: recordToText(file.record),
    features: featureStates(file, file.record.featureFlags),
    isFixed: file.frozen || file.signature !== null,
  };
}

/** @returns undefined when there is no file at the path */
export function fileIdentity(path: string): Uint8Array | undefined {
  const stats = statOf(path);
  if (stats === undefined) return undefined;
  const { dev, ino, ctimeNs, size } = stats;
  const identity = new Uint8Array(IDENTITY_SIZE);
  new BigUint64Array(identity.buffer).set([dev, ino, ctimeNs, size]);
  return identity;
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

export function isSameFile(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}

/** Where the live segment of a file lies, and whether what is there may be believed. */

import { lstatSync, mkdirSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { sha256 } from "../base/digest.ts";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { cannotRead, cannotWrite, systemCode } from "../base/fs_errors.ts";
import { bootId } from "./clock.ts";
import { runtimeFolder, SHARED_MEMORY } from "./runtime_folder.ts";
import { LAYOUT_VERSION } from "./segment.ts";

/** It keeps the folder of a user's local data from other users by itself. */
const isWindows = process.platform === "win32";
const FOLDER_MODE = 0o700;
/** What nobody but the owner may have. */
export const OTHERS = 0o077;
/** Hex digits of each half of a segment's name. */
export const HALF_LENGTH = 16;
/** Releases with another layout have segments of their own. */
export const SUFFIX = `.live${LAYOUT_VERSION}`;
/** Where the host has no shared memory. */
const TEMPORARY = "/tmp";

export interface Place {
  /** The real path of the record's file. */
  readonly file: string;
  /** The folder of this user's segments. */
  readonly folder: string;
  /** The path of the file's segment. */
  readonly segment: string;
}

/** @throws ImmuconfigError `ERR_UNSUPPORTED` for a user of Windows without local data */
export function requirePlace(file: string, env: Environment): Place {
  const place = findPlace(file, env);
  if (place !== undefined) return place;
  throw new ImmuconfigError("ERR_UNSUPPORTED", "there is no folder for live segments", {
    hint: "Set LOCALAPPDATA, or IMMUCONFIG_RUNTIME_DIR for all programs alike.",
  });
}

/** @param file its real path */
export function findPlace(file: string, env: Environment): Place | undefined {
  const folder = runtimeFolder(env, isFolder(SHARED_MEMORY) ? SHARED_MEMORY : TEMPORARY);
  if (folder === undefined) return undefined;
  return {
    file,
    folder,
    // Most hosts have no such folder, and then nobody needs the name.
    get segment() {
      return join(folder, segmentName(file));
    },
  };
}

/**
 * What the segment of a file is called: a half for its path and this start of the system, and one
 * for the project (`projectSuffix`).
 */
export function segmentName(file: string): string {
  return halfOf(file, bootId()) + projectSuffix(file);
}

/**
 * The end of the names of all segments of a project, wherever they lie and whatever its path is
 * called there: the file's name and the very folder that it lies in.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ` when the folder is gone
 */
export function projectSuffix(file: string): string {
  const folder = dirname(file);
  try {
    const { dev, ino } = statSync(folder, { bigint: true });
    return `-${halfOf(`${dev}:${ino}`, basename(file))}${SUFFIX}`;
  } catch (cause) {
    throw cannotRead(folder, cause);
  }
}

function halfOf(...texts: readonly string[]): string {
  return sha256(...texts.map((text) => `${text}\0`)).slice(0, HALF_LENGTH);
}

/**
 * Creates the folder where it is missing, and checks it.
 *
 * @throws ImmuconfigError `ERR_LIVE` when it is not a folder of this user alone; `ERR_WRITE`
 */
export function ensureFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: FOLDER_MODE });
  } catch (cause) {
    if (systemCode(cause) !== "EEXIST") {
      const hint = "Name another folder in IMMUCONFIG_RUNTIME_DIR, for all programs alike.";
      throw cannotWrite(folder, cause, { doing: "create", hint });
    }
  }
  checkFolder(folder);
}

/**
 * @returns false when there is no such folder
 * @throws ImmuconfigError `ERR_LIVE` when another user could change what is in it, or it cannot be
 * looked at
 */
export function checkFolder(folder: string): boolean {
  const stats = statsOf(folder);
  if (stats === undefined) return false;
  if (!stats.isDirectory()) throw untrusted(folder, "it is not a folder");
  if (isWindows) return true;
  if (stats.uid !== process.getuid?.()) throw untrusted(folder, "it belongs to another user");
  if ((stats.mode & OTHERS) !== 0) throw untrusted(folder, "other users may open it");
  return true;
}

/**
 * Whether what was found in a segment's place may be believed.
 *
 * @param owner the user whose segment it is
 */
export function isPrivateFile(
  stats: { isFile(): boolean; uid: number; mode: number },
  owner = process.getuid?.(),
): boolean {
  if (isWindows) return stats.isFile();
  return stats.isFile() && stats.uid === owner && (stats.mode & OTHERS) === 0;
}

function statsOf(folder: string): Stats | undefined {
  try {
    return lstatSync(folder, { throwIfNoEntry: false });
  } catch (cause) {
    const code = systemCode(cause);
    if (code === "ENOTDIR") return undefined;
    throw new ImmuconfigError("ERR_LIVE", `cannot look at ${folder}: ${code ?? String(cause)}`, {
      hint: "Name another folder in IMMUCONFIG_RUNTIME_DIR, for all programs alike.",
      cause,
    });
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

function untrusted(folder: string, reason: string): ImmuconfigError {
  return new ImmuconfigError("ERR_LIVE", `${folder} cannot hold live segments: ${reason}`, {
    hint: `Remove it, make it yours alone (chmod 700 ${folder}), or name another one in IMMUCONFIG_RUNTIME_DIR, for all programs alike.`,
  });
}

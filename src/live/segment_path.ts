/** Where the live segment of a file lies: a folder that belongs to the user alone. */

import { lstatSync, mkdirSync, type Stats, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { systemCode } from "../base/fs_errors.ts";
import { LIVE_LAYOUT_VERSION } from "./segment_layout.ts";

const FOLDER_MODE = 0o700;
/** What nobody but the owner may have. */
const OTHERS = 0o077;
const NAME_LENGTH = 32;

/**
 * The folder of all live segments of this user: `IMMUCONFIG_RUNTIME_DIR`, else `immuconfig` in
 * `XDG_RUNTIME_DIR`, else `immuconfig-UID` in the system's temporary folder.
 *
 * @returns an absolute path; undefined where users have no number (Windows)
 */
export function runtimeFolder(env: Environment): string | undefined {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  const own = env["IMMUCONFIG_RUNTIME_DIR"] ?? "";
  if (isAbsolute(own)) return own;
  const session = env["XDG_RUNTIME_DIR"] ?? "";
  if (isAbsolute(session) && isFolder(session)) return join(session, "immuconfig");
  const { tmpdir } = process.getBuiltinModule("node:os");
  return join(tmpdir(), `immuconfig-${user}`);
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
      throw new ImmuconfigError("ERR_WRITE", `cannot create ${folder}: ${systemCode(cause)}`, {
        hint: "Name another folder in IMMUCONFIG_RUNTIME_DIR, for all programs alike.",
        cause,
      });
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
  const stats = lookAt(folder);
  if (stats === undefined) return false;
  if (!stats.isDirectory()) throw untrusted(folder, "it is not a folder");
  if (stats.uid !== process.getuid?.()) throw untrusted(folder, "it belongs to another user");
  if ((stats.mode & OTHERS) !== 0) throw untrusted(folder, "other users may open it");
  return true;
}

/**
 * Releases with another layout have segments of their own.
 *
 * @param folder of the segments
 * @param file the real path of the configuration file
 */
export function segmentPath(folder: string, file: string): string {
  // node:crypto takes longer to load than most commands run.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const name = createHash("sha256").update(file).digest("hex").slice(0, NAME_LENGTH);
  return join(folder, `${name}.live${LIVE_LAYOUT_VERSION}`);
}

/** Whether what was found at a segment's path may be trusted. */
export function isPrivateFile(stats: { isFile(): boolean; uid: number; mode: number }): boolean {
  return stats.isFile() && stats.uid === process.getuid?.() && (stats.mode & OTHERS) === 0;
}

function lookAt(folder: string): Stats | undefined {
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
    hint: `Remove it, or make it yours alone: chmod 700 ${folder}`,
  });
}

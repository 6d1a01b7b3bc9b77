/** Windows' lock for writers: a file that one process alone has open, and that goes with its handle. */

import { toNamespacedPath } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import { findAddon } from "../native/addon.ts";

/** Another process has it open. */
const SHARING_VIOLATION = 32;
/** The last holder's file is going away; also what a folder says that may not be written. */
const ACCESS_DENIED = 5;
/** So is a file that was not there a moment ago. */
const DELETE_PENDING = 303;
const PATH_NOT_FOUND = 3;

/**
 * Tries to be the one that has a file open.
 *
 * @returns how to close it; undefined while another process has it
 */
type OpenAlone = (path: string, folder: string) => (() => void) | undefined;

/** @throws ImmuconfigError `ERR_UNSUPPORTED` without the native library */
export function alone(): OpenAlone {
  const addon = findAddon();
  if (addon === undefined) {
    throw new ImmuconfigError("ERR_UNSUPPORTED", "the lock for writers needs the native library", {
      hint: "Let the process load addons, and use a release that holds lib/win32-x64.",
    });
  }
  return (path, folder) => {
    const handle = addon.openAlone(toNamespacedPath(path)) ?? -PATH_NOT_FOUND;
    if (handle >= 0) return () => addon.closeAlone(handle);
    const isHeld = [SHARING_VIOLATION, ACCESS_DENIED, DELETE_PENDING].includes(-handle);
    if (isHeld) return undefined;
    throw new ImmuconfigError("ERR_LOCK", `cannot lock ${folder}: error ${-handle} of Windows`, {
      hint: "Check that the folder is there and may be written.",
    });
  };
}

/** Whose files count: git's rule for `safe.directory`. */

import { lstatSync, statSync } from "node:fs";
import { ImmuconfigError } from "./errors.ts";

/**
 * Refuses a file that a search found in or above a folder, and that another user put there: in a
 * shared folder such as `/tmp` anybody can. It must belong to this user, to root, or to the owner of
 * the folder in which the search began, whose files this user chose to work on.
 *
 * @param path of what was found; a symbolic link counts as well as what it leads to
 * @param start the folder in which the search began
 * @throws ImmuconfigError `ERR_OWNER`
 */
export function requireOwner(path: string, start: string): void {
  const own = process.geteuid?.();
  if (own === undefined) return;
  for (const owner of ownersOf(path)) {
    if (owner === own || owner === 0 || ownersOf(start).includes(owner)) continue;
    throw new ImmuconfigError("ERR_OWNER", `${path} belongs to another user (${owner})`, {
      hint: "Look at it before you trust it; then name it with --file or IMMUCONFIG_FILE, or give it to yourself: chown.",
    });
  }
}

/** Whether `requireOwner` would let it pass. */
export function hasOwner(path: string, start: string): boolean {
  try {
    requireOwner(path, start);
    return true;
  } catch (error) {
    if (error instanceof ImmuconfigError) return false;
    throw error;
  }
}

/** Of the name itself, and of what it leads to. What may not be looked at, reading refuses. */
function ownersOf(path: string): number[] {
  return [lstatSync, statSync].flatMap((stat) => {
    try {
      return [stat(path).uid];
    } catch {
      return [];
    }
  });
}

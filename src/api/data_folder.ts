/** The folder of the server's data: its user's alone, from the first byte on. */

import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import { cannotWrite } from "../base/fs_errors.ts";

/** What is believed because it lies there: who is an administrator, and what signs. */
const DATABASE = "control_plane.sqlite";
export const ONLINE_KEY = "online.key";
const OWN_MODE = 0o600;
const OTHERS_WRITE = 0o002;

/**
 * Makes the folder where it is missing, and the database's file where one is to be in it. git leaves a folder
 * out that was made: what is in it signs, and it lies in a project where the server is started in one.
 *
 * @returns the path of the database
 * @throws ImmuconfigError `ERR_OWNER` for a folder or a file that others could have written; `ERR_WRITE`
 */
export function prepareData(folder: string, hasDatabase: boolean): string {
  const path = join(folder, DATABASE);
  try {
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) writeFileSync(join(folder, ".gitignore"), "*\n", { mode: OWN_MODE });
    for (const one of [folder, path, join(folder, ONLINE_KEY)]) requireOwn(one);
    // SQLite gives what it writes beside the database the same mode, from the first row on.
    if (hasDatabase) closeSync(openSync(path, "a", OWN_MODE));
    for (const file of [path, `${path}-wal`]) if (existsSync(file)) chmodSync(file, OWN_MODE);
  } catch (cause) {
    throw cannotWrite(folder, cause, { hint: "Give --data a folder of your own." });
  }
  return path;
}

function requireOwn(path: string): void {
  const own = process.geteuid?.();
  const stats = statSync(path, { throwIfNoEntry: false });
  if (own === undefined || stats === undefined) return;
  const { uid, mode } = stats;
  if ((uid === own || uid === 0) && (mode & OTHERS_WRITE) === 0) return;
  const who = uid === own || uid === 0 ? "everybody may write it" : `it belongs to user ${uid}`;
  throw new ImmuconfigError("ERR_OWNER", `${path} is not to be believed: ${who}`, {
    hint: "Give --data a folder of your own, or look at it and give it to yourself: chown, chmod o-w.",
  });
}

/**
 * `bun.lockb` is the name of Bun's own binary lockfile. Bun deletes or replaces a file of that name
 * which it cannot read, unless the project has a text lockfile with packages.
 */

import { basename, dirname, join } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import { isObject } from "../base/json.ts";
import { parseJsoncObject } from "../base/jsonc.ts";
import { LOCKFILE_SIZE_MAX } from "../base/limits.ts";
import { readText, readUpTo } from "../base/read_file.ts";

const NAME = "bun.lockb";
/** The first bytes of a lockfile that Bun wrote. */
const BUN_MAGIC = "#!/usr/bin/env bun";

/**
 * Checks that a record may be written under a path.
 *
 * @throws ImmuconfigError `ERR_UNSAFE_NAME` for a `bun.lockb` that is Bun's own, or that Bun would
 * remove
 */
export function checkFileName(path: string): void {
  if (basename(path) !== NAME) return;
  if (startsWith(path, BUN_MAGIC)) {
    throw new ImmuconfigError("ERR_UNSAFE_NAME", `${path} is Bun's own lockfile`, {
      hint: "Keep the record in bunfig.lockb, the default.",
    });
  }
  if (!hasLockedPackages(join(dirname(path), "bun.lock"))) {
    throw new ImmuconfigError(
      "ERR_UNSAFE_NAME",
      `Bun would remove ${path}: it leaves a ${NAME} alone only beside a bun.lock with packages`,
      { hint: "Keep the record in bunfig.lockb, the default." },
    );
  }
}

function startsWith(path: string, text: string): boolean {
  try {
    return new TextDecoder().decode(readUpTo(path, text.length)) === text;
  } catch {
    return false;
  }
}

function hasLockedPackages(path: string): boolean {
  try {
    const packages = parseJsoncObject(readText(path, LOCKFILE_SIZE_MAX))?.["packages"];
    return isObject(packages) && Object.keys(packages).length > 0;
  } catch {
    return false;
  }
}

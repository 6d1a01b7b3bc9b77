/** The program that is replaced, and the files that an upgrade leaves beside it. */

import { lstatSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import { systemCode } from "../base/fs_errors.ts";
import type { Attributes } from "../store/durable_write.ts";
import type { ProgramFiles } from "./swap.ts";

const NEW_PROGRAM_MODE = 0o755;
const OWNER_RUNS = 0o500;

/**
 * The real path of a program that is to be replaced, or made: symbolic links are followed.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` when its folder is missing; `ERR_VALUE` when something
 * else than a file is there.
 */
export function resolveTarget(path: string): string {
  try {
    const real =
      lstatSync(path, { throwIfNoEntry: false }) === undefined
        ? join(realpathSync(dirname(path)), basename(path))
        : realpathSync(path);
    const stat = statSync(real, { throwIfNoEntry: false });
    if (stat === undefined || stat.isFile()) return real;
  } catch (cause) {
    const code = systemCode(cause) ?? String(cause);
    throw new ImmuconfigError("ERR_NOT_FOUND", `cannot find ${path}: ${code}`, { cause });
  }
  throw new ImmuconfigError("ERR_VALUE", `${path} is no file`, {
    hint: "Give --to the path of a program, not of its folder.",
  });
}

/** What the new program takes over from the old one; set-id bits it does not. */
export function programAttributes(target: string): Attributes {
  const old = statSync(target, { throwIfNoEntry: false });
  if (old === undefined) return { mode: NEW_PROGRAM_MODE };
  return { mode: (old.mode & 0o777) | OWNER_RUNS, uid: old.uid, gid: old.gid };
}

/** Where the download for one version waits. */
export function partPath({ folder, target }: ProgramFiles, version: string): string {
  return join(folder, `.${basename(target)}.upgrade-${version}.part`);
}

/** Removes what an upgrade that was killed has left; `keep` is a download to go on with. */
export function removeLeftovers(files: ProgramFiles, keep: string | undefined): void {
  const prefix = `.${basename(files.target)}.upgrade-`;
  for (const name of readdirSync(files.folder)) {
    const path = join(files.folder, name);
    const wanted = keep !== undefined && (path === keep || path === `${keep}.etag`);
    if (name.startsWith(prefix) && !wanted) rmSync(path, { force: true });
  }
}

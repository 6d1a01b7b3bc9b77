import { chownSync, lstatSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ImmuconfigError, systemCode } from "../base/errors.ts";
import type { ProgramFiles } from "./swap.ts";

const NEW_PROGRAM_MODE = 0o755;
const OWNER_RUNS = 0o500;

/**
 * The real path of a program that is to be replaced, or made: symbolic links are followed.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` when its folder is missing; `ERR_VALUE` when something
 *   else than a file is there.
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

/** The permission bits that the new program takes over from the old one. */
export function programMode(target: string): number {
  const stat = statSync(target, { throwIfNoEntry: false });
  return stat === undefined ? NEW_PROGRAM_MODE : (stat.mode & 0o777) | OWNER_RUNS;
}

/** Gives the new program to the old one's owner, when root upgrades another user's program. */
export function keepOwner({ target, fresh }: ProgramFiles): void {
  const old = statSync(target, { throwIfNoEntry: false });
  if (old === undefined || process.getuid?.() !== 0) return;
  if (old.uid !== 0 || old.gid !== 0) chownSync(fresh, old.uid, old.gid);
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

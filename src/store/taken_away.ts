/** A record that git has and the work tree has not: a new one must not stand in its place. */

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { hasGit, runGit } from "../base/run_git.ts";
import { shellWord } from "../base/text.ts";
import { foldersUpwards } from "../base/walk_up.ts";

interface GitCommands {
  /** Brings the file back. */
  readonly restore: string;
  /** Lets git forget it, so that a new one can be made. */
  readonly forget: string;
}

/**
 * What helps where git has a file and the work tree has not.
 *
 * @param path absolute
 * @returns undefined where git has no such file
 */
export function commandsForTracked(path: string, env: Environment): GitCommands | undefined {
  const folder = dirname(path);
  // Not every folder is a working copy, and not every machine has git.
  const isInGit = [...foldersUpwards(folder)].some((above) => existsSync(join(above, ".git")));
  if (!isInGit || !existsSync(folder) || !hasGit(env)) return undefined;
  const name = basename(path);
  const listed = runGit(folder, env, ["ls-files", "-t", "--error-unmatch", "--", name]);
  if (listed.exitCode !== 0) return undefined;
  // A sparse checkout leaves it out, and git asks whether that is known.
  const isLeftOut = Buffer.from(listed.stdout).toString().startsWith("S ");
  const file = shellWord(name);
  return isLeftOut
    ? {
        restore: `git restore --ignore-skip-worktree-bits ${file}`,
        forget: `git rm --cached --sparse ${file}`,
      }
    : { restore: `git restore ${file}`, forget: `git rm --cached ${file}` };
}

/** @throws ImmuconfigError `ERR_NOT_FOUND` where git has the file */
export function refuseInPlaceOfTracked(path: string, env: Environment): void {
  const commands = commandsForTracked(path, env);
  if (commands === undefined) return;
  const message = `git has ${basename(path)}, and ${dirname(path)} has not`;
  throw new ImmuconfigError("ERR_NOT_FOUND", message, {
    hint: `Bring it back: ${commands.restore}. For a new one in its place: ${commands.forget}, and this command again.`,
  });
}

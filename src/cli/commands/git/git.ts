/** What commands ask git about the file, and tell it. */

import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import { type GitOptions, refusePipes, runGit } from "../../../base/run_git.ts";
import { printable } from "../../../base/text.ts";
import { FILE_SIZE_MAX } from "../../../store/read.ts";
import { realFilePath } from "../../../store/real_path.ts";
import type { Context } from "../../command.ts";

/** A file and the folder that git is run in. */
export interface GitFile {
  readonly folder: string;
  /** The file's name in that folder. */
  readonly name: string;
  readonly env: Context["env"];
}

const utf8 = new TextDecoder();

/**
 * Runs git, which must succeed.
 *
 * @returns its output as text
 * @throws ImmuconfigError `ERR_SUBPROCESS` with what git said
 */
export function requireGit(
  folder: string,
  env: Context["env"],
  args: readonly string[],
  options?: GitOptions,
): string {
  const { exitCode, stdout, stderr } = runGit(folder, env, args, options);
  if (exitCode === 0) return utf8.decode(stdout);
  throw new ImmuconfigError("ERR_SUBPROCESS", `git ${args[0]} failed: ${stderr}`, {
    hint: "Fix what git says and try again.",
  });
}

/**
 * The root of the repository's work tree. A stranger's archive may bring a `.git` whose `core.worktree`
 * is a folder of the user's, to which that repository's files would be written: only the user's own
 * variables may name one.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` when the folder is in none; `ERR_SUBPROCESS`
 */
export function requireWorkTree(folder: string, env: Context["env"]): string {
  const [root = "", gitFolder = "", failure = ""] = placeOf(folder, env);
  if (root === "") {
    throw new ImmuconfigError("ERR_NOT_FOUND", `${folder} is in no git work tree: ${failure}`, {
      hint: "Go to a folder of the repository, or create one with `git init`.",
    });
  }
  const isNamed = env["GIT_WORK_TREE"] !== undefined || env["GIT_DIR"] !== undefined;
  const isOwn = gitFolder === join(root, ".git") || placeOf(root, env)[1] === gitFolder;
  if (isNamed || isOwn) return root;
  const said = `the repository ${printable(gitFolder)} names another work tree, ${printable(root)}`;
  throw new ImmuconfigError("ERR_NOT_FOUND", `${folder} is in no git work tree: ${said}`, {
    hint: "Look at core.worktree in its config: what git clone makes has none.",
  });
}

/** The root of the work tree, and the repository's own folder; or nothing, and what git says. */
function placeOf(folder: string, env: Context["env"]): string[] {
  const words = ["rev-parse", "--show-toplevel", "--absolute-git-dir"];
  const { exitCode, stdout, stderr } = runGit(folder, env, words);
  return exitCode === 0 ? utf8.decode(stdout).split("\n") : ["", "", stderr];
}

/** Where git sees a file: links are followed, as they are when it is read. */
export function gitFile(path: string, env: Context["env"]): GitFile {
  const real = existsSync(path) ? realFilePath(path) : path;
  return { folder: dirname(real), name: basename(real), env };
}

/**
 * What .gitattributes and its like say of a file, in the order of the names.
 *
 * @param path of the file, in the folder or absolute
 * @throws ImmuconfigError `ERR_READ`, `ERR_SUBPROCESS`
 */
export function attributesOf(
  folder: string,
  path: string,
  env: Context["env"],
  names: readonly string[],
): string[] {
  refusePipes(dirname(resolve(folder, path)), ".gitattributes");
  const answers = requireGit(folder, env, ["check-attr", "-z", ...names, "--", path]).split("\0");
  return answers.filter((_, index) => index % 3 === 2);
}

/**
 * The file's bytes in a revision.
 *
 * @param revision as git takes it: `HEAD~1`, `main`, or `main:other.lockb`, which names the file
 * @returns undefined when there is no such revision, or no such file in it
 * @throws ImmuconfigError `ERR_SUBPROCESS`
 */
export function readRevision(
  { folder, name, env }: GitFile,
  revision: string,
): Uint8Array | undefined {
  const objectOf = (object: string): string | undefined => {
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", object];
    const { exitCode, stdout } = runGit(folder, env, args);
    return exitCode === 0 ? utf8.decode(stdout).trim() : undefined;
  };
  const commit = objectOf(`${revision}^{commit}`);
  if (commit !== undefined) return readBlob(folder, env, `${commit}:./${name}`);
  const object = objectOf(revision);
  return object === undefined ? undefined : readBlob(folder, env, object);
}

/**
 * @param object the name of a blob, from git itself
 * @returns undefined when there is none
 * @throws ImmuconfigError `ERR_SUBPROCESS` also when it is larger than any valid file
 */
export function readBlob(
  folder: string,
  env: Context["env"],
  object: string,
): Uint8Array | undefined {
  const sizeMax = FILE_SIZE_MAX + 1;
  const { exitCode, stdout } = runGit(folder, env, ["cat-file", "blob", object], { sizeMax });
  return exitCode === 0 ? stdout : undefined;
}

/**
 * Makes bytes the version of a file that the next commit takes, whatever was unmerged. `git add` would
 * run the filter that an attribute names.
 *
 * @param mode as git writes it: `100644`
 * @throws ImmuconfigError `ERR_SUBPROCESS`
 */
export function addToIndex({ folder, name, env }: GitFile, mode: string, bytes: Uint8Array): void {
  const store = ["hash-object", "-w", "--no-filters", "--stdin"];
  const blob = requireGit(folder, env, store, { input: bytes }).trim();
  const prefix = requireGit(folder, env, ["rev-parse", "--show-prefix"]).replace(/\n$/, "");
  requireGit(folder, env, ["update-index", "--add", "--cacheinfo", mode, blob, prefix + name]);
}

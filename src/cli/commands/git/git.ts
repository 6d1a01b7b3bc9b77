/** Runs git, bounded in time and output. */

import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import { HEADER_SIZE } from "../../../format/layout.ts";
import { BODY_SIZE_MAX, GIT_OUTPUT_SIZE_MAX, GIT_TIMEOUT_MS } from "../../../base/limits.ts";
import { realFilePath } from "../../../store/real_path.ts";
import type { Context } from "../../command.ts";

export interface GitResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** A file and the folder that git is run in. */
export interface GitFile {
  readonly folder: string;
  /** The file's name in that folder. */
  readonly name: string;
  readonly env: Context["env"];
}

const utf8 = new TextDecoder();

/** A repository's own settings name programs, and an unpacked archive may bring its settings along. */
const OWN_SETTINGS = ["core.fsmonitor=false", "core.hooksPath=/dev/null"].flatMap((setting) => [
  "-c",
  setting,
]);

/**
 * @param args after `git`
 * @throws ImmuconfigError `ERR_SUBPROCESS` when git is missing or does not end
 */
export function runGit(
  folder: string,
  env: Context["env"],
  args: readonly string[],
  sizeMax: number = GIT_OUTPUT_SIZE_MAX,
): GitResult {
  const git = Bun.which("git", { PATH: env["PATH"] ?? "" });
  if (git === null) {
    throw new ImmuconfigError("ERR_SUBPROCESS", "git is not on the PATH", {
      hint: "Install git, or add its folder to the PATH.",
    });
  }
  // check-ignore takes paths as they are, and refuses to be told so.
  const literal = args[0] === "check-ignore" ? [] : ["--literal-pathspecs"];
  const run = Bun.spawnSync([git, ...OWN_SETTINGS, ...literal, ...args], {
    cwd: folder,
    env: { ...env, LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: GIT_TIMEOUT_MS,
    maxBuffer: sizeMax,
  });
  const stderr = utf8.decode(run.stderr).trim();
  if (run.exitCode === null) {
    const limits = `${GIT_TIMEOUT_MS / 1000} s and ${sizeMax} bytes`;
    throw new ImmuconfigError("ERR_SUBPROCESS", `git ${args[0]} did not stay within ${limits}`, {
      hint: "Run that git command by hand to see why.",
    });
  }
  return { exitCode: run.exitCode, stdout: run.stdout, stderr };
}

/**
 * Runs git, which must succeed.
 *
 * @returns its output as text
 * @throws ImmuconfigError `ERR_SUBPROCESS` with what git said
 */
export function requireGit(folder: string, env: Context["env"], args: readonly string[]): string {
  const { exitCode, stdout, stderr } = runGit(folder, env, args);
  if (exitCode === 0) return utf8.decode(stdout);
  throw new ImmuconfigError("ERR_SUBPROCESS", `git ${args[0]} failed: ${stderr}`, {
    hint: "Mend what git says and try again.",
  });
}

/**
 * The root of the repository's work tree.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` when the folder is in none; `ERR_SUBPROCESS`
 */
export function requireWorkTree(folder: string, env: Context["env"]): string {
  const { exitCode, stdout, stderr } = runGit(folder, env, ["rev-parse", "--show-toplevel"]);
  if (exitCode === 0) return utf8.decode(stdout).replace(/\n$/, "");
  throw new ImmuconfigError("ERR_NOT_FOUND", `${folder} is in no git work tree: ${stderr}`, {
    hint: "Go to a folder of the repository, or create one with `git init`.",
  });
}

/** Where git sees a file: links are followed, as they are when it is read. */
export function gitFile(path: string, env: Context["env"]): GitFile {
  const real = existsSync(path) ? realFilePath(path) : path;
  return { folder: dirname(real), name: basename(real), env };
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
  const resolve = (object: string): string | undefined => {
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", object];
    const { exitCode, stdout } = runGit(folder, env, args);
    return exitCode === 0 ? utf8.decode(stdout).trim() : undefined;
  };
  const commit = resolve(`${revision}^{commit}`);
  if (commit !== undefined) return readBlob(folder, env, `${commit}:./${name}`);
  const object = resolve(revision);
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
  const sizeMax = HEADER_SIZE + BODY_SIZE_MAX + 1;
  const { exitCode, stdout } = runGit(folder, env, ["cat-file", "blob", object], sizeMax);
  return exitCode === 0 ? stdout : undefined;
}

/**
 * The one way in which git is run: bounded in time and output, and so that it starts no program that
 * the repository names. Its settings are part of what a stranger packed: an archive brings `.git`
 * along.
 */

import type { Environment } from "./environment.ts";
import type { Dirent, Stats } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "./errors.ts";
import { cannotRead, systemCode } from "./fs_errors.ts";
import { findProgram } from "./find_program.ts";
import { GIT_OUTPUT_SIZE_MAX, GIT_TIMEOUT_MS } from "./limits.ts";
import { printable } from "./text.ts";
import { foldersUpwards } from "./walk_up.ts";

export interface GitResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/**
 * Settings that name programs which the commands here could come to. Filters, textconv and merge
 * drivers have names of the repository's own, so no setting switches them off: commands that run
 * them (`add`, `checkout`, `diff`, `merge`, `status`) are not run at all.
 */
const OVERRULED = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.sshCommand=false",
  "core.pager=cat",
  "diff.external=",
  "gpg.program=false",
  "log.showSignature=false",
  "credential.helper=",
  "protocol.allow=never",
].flatMap((setting) => ["-c", setting]);

/** An object that is missing here may have a remote, which git would ask by a program. */
const STAY_HERE = {
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  LC_ALL: "C",
};

/** Variables that name programs, as a user has them for their own work with git. */
const PROGRAMS: ReadonlySet<string> = new Set([
  "GIT_EXTERNAL_DIFF",
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "GIT_PROXY_COMMAND",
  "GIT_ASKPASS",
  "GIT_PAGER",
]);

const utf8 = new TextDecoder();

/** Whether there is a git to run. */
export function hasGit(env: Environment): boolean {
  return findProgram("git", env) !== undefined;
}

/**
 * Refuses a pipe where git reads its rules, in a folder or above it in the work tree: git would wait for
 * it until its time is over, at every run.
 *
 * @param name `.gitattributes` or `.gitignore`
 * @throws ImmuconfigError `ERR_READ`
 */
export function refusePipes(folder: string, name: string): void {
  const { existsSync } = process.getBuiltinModule("node:fs");
  for (const at of foldersUpwards(folder)) {
    refusePipe(join(at, name));
    if (existsSync(join(at, ".git"))) return;
  }
}

/** Folders of a repository in which git looks at each file. */
const REPOSITORY_FOLDERS = ["info", "refs", join("objects", "info"), join("objects", "pack")];
/** Files that are looked at, for a repository with more refs than anybody looks through. */
const REPOSITORY_FILE_COUNT_MAX = 10_000;

/** The same for the repository around a folder. An archive can hold one with a pipe, a clone cannot. */
function refuseRepositoryPipes(folder: string): void {
  for (const at of foldersUpwards(folder)) {
    // A folder may be a repository without a work tree.
    refusePipe(join(at, "HEAD"));
    const repository = join(at, ".git");
    const stats = statsOf(repository, "lstatSync");
    if (stats === undefined) continue;
    refusePipe(repository);
    if (!stats.isDirectory()) return;
    const left = { count: REPOSITORY_FILE_COUNT_MAX };
    refusePipesIn(repository, left, false);
    for (const name of REPOSITORY_FOLDERS) refusePipesIn(join(repository, name), left, true);
    return;
  }
}

function refusePipesIn(folder: string, left: { count: number }, isDeep: boolean): void {
  for (const entry of entriesOf(folder)) {
    if (left.count-- <= 0) return;
    const path = join(folder, entry.name);
    if (entry.isFIFO() || entry.isSymbolicLink()) refusePipe(path);
    else if (isDeep && entry.isDirectory()) refusePipesIn(path, left, isDeep);
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  const { readdirSync } = process.getBuiltinModule("node:fs");
  refusePipe(folder);
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** A link to one, too. */
function refusePipe(path: string): void {
  if (statsOf(path, "statSync")?.isFIFO() !== true) return;
  throw cannotRead(path, "it is a device or a pipe", "Remove it: git would wait for it.");
}

/** What cannot be looked at is git's to say. */
function statsOf(path: string, look: "statSync" | "lstatSync"): Stats | undefined {
  try {
    return process.getBuiltinModule("node:fs")[look](path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Where git did not end: it would not the next time either, and `doctor` runs it for several checks. */
const stuck = new Map<string, ImmuconfigError>();

/** What the system says of a program that ran for too long, or said too much. */
const PAST_LIMITS: ReadonlySet<string> = new Set(["ETIMEDOUT", "ENOBUFS"]);

export interface GitOptions {
  /** Bytes of its output; default `GIT_OUTPUT_SIZE_MAX`. */
  readonly sizeMax?: number;
  readonly input?: Uint8Array;
  /** Default `GIT_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
}

/**
 * @param folder where it is run
 * @param args after `git`
 * @throws ImmuconfigError `ERR_SUBPROCESS` when git is missing, cannot be run in the folder, or does not end
 */
export function runGit(
  folder: string,
  env: Environment,
  args: readonly string[],
  options: GitOptions = {},
): GitResult {
  const { sizeMax = GIT_OUTPUT_SIZE_MAX, input = new Uint8Array() } = options;
  const { timeoutMs = GIT_TIMEOUT_MS } = options;
  const before = stuck.get(folder);
  if (before !== undefined) throw before;
  const git = findProgram("git", env);
  if (git === undefined) {
    throw new ImmuconfigError("ERR_SUBPROCESS", "git is not on the PATH", {
      hint: "Install git, or add its folder to the PATH.",
    });
  }
  refuseRepositoryPipes(folder);
  const kept = Object.entries(env).filter(([name]) => !PROGRAMS.has(name));
  // check-ignore takes paths as they are, and refuses to be told so.
  const literal = args[0] === "check-ignore" ? [] : ["--literal-pathspecs"];
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const run = spawnSync(git, ["--no-pager", ...OVERRULED, ...literal, ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(kept), ...STAY_HERE },
    input,
    stdio: ["pipe", "pipe", "pipe"],
    timeout: timeoutMs,
    maxBuffer: sizeMax,
  });
  if (run.status === null || run.error !== undefined) {
    const cause = run.error;
    const code = systemCode(cause);
    if (code !== undefined && !PAST_LIMITS.has(code)) {
      throw new ImmuconfigError("ERR_SUBPROCESS", `git cannot be run in ${folder}: ${code}`, {
        hint: "Check that the folder is there, and that git may be run.",
        cause,
      });
    }
    const limits = `${timeoutMs / 1000} s and ${sizeMax} bytes`;
    const error = new ImmuconfigError(
      "ERR_SUBPROCESS",
      `git ${args[0]} did not stay within ${limits}`,
      {
        hint: "Run that git command by hand to see why: it may wait for a pipe that .git/config names.",
        cause,
      },
    );
    if (code === "ETIMEDOUT") stuck.set(folder, error);
    throw error;
  }
  const stderr = printable(utf8.decode(run.stderr).trim().replaceAll("\n", "; "));
  return { exitCode: run.status, stdout: new Uint8Array(run.stdout), stderr };
}

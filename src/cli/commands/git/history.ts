/** Reads the history of one file from `git log`. */

import { ImmuconfigError } from "../../../base/errors.ts";
import { GIT_HISTORY_TIMEOUT_MS } from "../../../base/limits.ts";
import { runGit } from "../../../base/run_git.ts";
import { type GitFile, requireGit, requireWorkTree } from "./git.ts";

/** A commit that changed the file. */
export interface Commit {
  /** The commit's full name. */
  readonly commit: string;
  readonly author: string;
  /** The author's date, ISO 8601 with offset. */
  readonly date: string;
  /** The blob before, in the first parent; null when there was none. */
  readonly before: string | null;
  /** The blob after; null when the commit removed the file. */
  readonly after: string | null;
  /** The file's path in the repository at that time. */
  readonly path: string;
}

const LOG = [
  "log",
  "--follow",
  "-z",
  "--raw",
  "--no-abbrev",
  "--no-color",
  // A repository may name another, in which nothing of this is found again, and hide the first commit.
  "--encoding=UTF-8",
  "--root",
  "--no-show-signature",
  // It is a file of the clone, and may be a pipe that git would wait for.
  "--no-mailmap",
  "--no-ext-diff",
  "--no-textconv",
  "--diff-merges=combined",
  "--format=%H%x00=%an%x00%aI",
];

/**
 * The newest commits first. Renames are followed; a merge is listed when its result is in none
 * of its parents.
 *
 * @param limit how many at most
 * @throws ImmuconfigError `ERR_NOT_FOUND` without a repository or a history; `ERR_SUBPROCESS`
 */
export function readHistory({ folder, name, env }: GitFile, limit: number): Commit[] {
  requireWorkTree(folder, env);
  const head = runGit(folder, env, ["rev-parse", "--verify", "--quiet", "HEAD"]);
  const log =
    head.exitCode === 0
      ? requireGit(folder, env, [...LOG, `--max-count=${limit}`, "--", name], {
          timeoutMs: GIT_HISTORY_TIMEOUT_MS,
        })
      : "";
  const commits = parseLog(log);
  if (commits.length > 0) return commits;
  throw new ImmuconfigError("ERR_NOT_FOUND", `git has no version of ${name} in ${folder}`, {
    hint: `Commit it first: git add ${name}`,
  });
}

const MISSING = /^0+$/;

/** @param log of `git log -z --raw --no-abbrev --format=%H%x00=%an%x00%aI` */
function parseLog(log: string): Commit[] {
  // An empty line, as `\n` or as an empty item, stands between the head and its raw line.
  const items = log.split("\0").filter((item) => item !== "");
  const commits: Commit[] = [];
  for (let at = 0; at + 4 < items.length;) {
    const [commit = "", name = "", date = "", raw = "", ...paths] = items.slice(at, at + 6);
    const { before, after, pathCount } = parseRaw(raw);
    commits.push({
      commit,
      author: name.slice(1),
      date,
      before,
      after,
      path: paths[pathCount - 1] ?? "",
    });
    at += 4 + pathCount;
  }
  return commits;
}

/** A raw line: a colon and a mode for each parent, the new mode, as many blobs, the status. */
function parseRaw(line: string) {
  const parents = /^\n?(:+)/.exec(line)?.[1]?.length ?? 1;
  const words = line.trim().split(" ");
  const blobs = words.slice(parents + 1, 2 * parents + 2);
  const status = words.at(-1) ?? "";
  return {
    before: present(blobs[0]),
    after: present(blobs.at(-1)),
    pathCount: parents === 1 && /^[RC]/.test(status) ? 2 : 1,
  };
}

function present(blob: string | undefined): string | null {
  return blob === undefined || MISSING.test(blob) ? null : blob;
}

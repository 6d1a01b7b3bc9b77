/** The versions of a file that git could not merge, from its index. */

import { ImmuconfigError } from "../../../base/errors.ts";
import type { File } from "../../../format/file.ts";
import { decodeVersion } from "./decode_version.ts";
import { type GitFile, readBlob, requireGit } from "./git.ts";

/** The three sides of an open merge. */
export interface Unmerged {
  /** undefined when both sides created the file. */
  readonly base: File | undefined;
  readonly ours: File;
  readonly theirs: File;
  /** What git without a driver leaves in the work tree. */
  readonly oursBytes: Uint8Array;
  /** As git writes it: `100644`. */
  readonly oursMode: string;
}

/** Whether git's index holds the file unmerged. */
export function isUnmerged(file: GitFile): boolean {
  return stagesOf(file).size > 0;
}

/**
 * @returns undefined when the file is not in an open merge
 * @throws ImmuconfigError `ERR_CONFLICT` when one side has removed the file; `ERR_SUBPROCESS`;
 * FormatError for a side that is broken
 */
export function readUnmerged(file: GitFile): Unmerged | undefined {
  const stages = stagesOf(file);
  if (stages.size === 0) return undefined;
  const ours = readStage(file, stages.get(2), `our ${file.name}`);
  const theirs = readStage(file, stages.get(3), `their ${file.name}`);
  if (ours === undefined || theirs === undefined) {
    const side = ours === undefined ? "our" : "their";
    throw new ImmuconfigError("ERR_CONFLICT", `${side} side has no ${file.name}`, {
      hint: `Keep the other's with \`git add ${file.name}\`, or remove it with \`git rm ${file.name}\`.`,
    });
  }
  const base = readStage(file, stages.get(1), `the ancestor's ${file.name}`);
  return {
    base: base?.file,
    ours: ours.file,
    theirs: theirs.file,
    oursBytes: ours.bytes,
    oursMode: ours.mode,
  };
}

interface Stage {
  readonly mode: string;
  readonly blob: string;
}

/** By number: 1 the common ancestor, 2 ours, 3 theirs. */
function stagesOf({ folder, name, env }: GitFile): ReadonlyMap<number, Stage> {
  const listed = requireGit(folder, env, ["ls-files", "--unmerged", "-z", "--", name]);
  const stages = new Map<number, Stage>();
  for (const line of listed.split("\0")) {
    const [, mode, blob, stage] = /^(\d+) ([0-9a-f]+) ([123])\t/.exec(line) ?? [];
    if (mode !== undefined && blob !== undefined) stages.set(Number(stage), { mode, blob });
  }
  return stages;
}

function readStage({ folder, env }: GitFile, stage: Stage | undefined, label: string) {
  if (stage === undefined) return undefined;
  const { mode, blob } = stage;
  const bytes = readBlob(folder, env, blob);
  if (bytes === undefined) {
    throw new ImmuconfigError("ERR_SUBPROCESS", `git cannot read ${label} (${blob})`, {
      hint: "Check the repository with `git fsck`.",
    });
  }
  return { mode, bytes, file: decodeVersion(bytes, label) };
}

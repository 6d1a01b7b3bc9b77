import { faultText, FormatError } from "../../../base/errors.ts";
import { changeText, describeChanges, type FieldChange } from "../../../format/describe/changes.ts";
import { GENERATION_FACT } from "../../../format/describe/facts.ts";
import type { File } from "../../../format/file.ts";
import { HISTORY_COUNT_MAX } from "../../../base/limits.ts";
import type { Command } from "../../command.ts";
import { type GitFile, gitFile, readBlob } from "./git.ts";
import { type Commit, readHistory } from "./history.ts";
import { type Output } from "../../output/output.ts";
import { printable } from "../../../base/text.ts";
import { locate } from "../../files/project_file.ts";
import { decodeVersion } from "./decode_version.ts";

const LIMIT = { none: 50, least: 1, most: HISTORY_COUNT_MAX };
const SHORT_COMMIT_LENGTH = 10;

export interface LogRequest {
  readonly limit: number;
}

export const logCommand: Command<LogRequest> = {
  usage: ["[--limit N]"],
  options: {
    limit: { value: "N", summary: `the newest N (default: ${LIMIT.none})` },
  },
  examples: ["bun-config log", "bun-config log --limit 5", "bun-config log --json"],
  parse(args) {
    args.exactly([]);
    return { limit: args.number("limit", LIMIT) };
  },
  run(context, { limit }) {
    const file = gitFile(locate(context), context.env);
    const entries = describeHistory(file, readHistory(file, limit));
    const text = entries.map((entry) => drawEntry(entry, context.out)).join("\n\n");
    context.out.data(entries, text);
  },
};

interface Entry {
  readonly commit: string;
  readonly author: string;
  readonly date: string;
  readonly path: string;
  /** null when this version is broken or removed. */
  readonly generation: number | null;
  readonly state: "created" | "changed" | "removed" | "broken" | "mended";
  /** Why a broken version is broken. */
  readonly fault: string | null;
  readonly changes: readonly FieldChange[];
}

type Version =
  | { readonly kind: "none" }
  | { readonly kind: "broken"; readonly fault: string }
  | { readonly kind: "whole"; readonly file: File };

function describeHistory(file: GitFile, commits: readonly Commit[]): Entry[] {
  // The version before one commit is the version after the next: each blob is read once.
  let known: { readonly blob: string | null; readonly version: Version } | undefined;
  return commits.map((commit) => {
    const after = known?.blob === commit.after ? known.version : readVersion(file, commit.after);
    const before = readVersion(file, commit.before);
    known = { blob: commit.before, version: before };
    return describeCommit(commit, before, after);
  });
}

function readVersion({ folder, env }: GitFile, blob: string | null): Version {
  if (blob === null) return { kind: "none" };
  const bytes = readBlob(folder, env, blob);
  if (bytes === undefined) return { kind: "broken", fault: "git does not have its bytes" };
  try {
    return { kind: "whole", file: decodeVersion(bytes, blob) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { kind: "broken", fault: faultText(error.fault) };
  }
}

function describeCommit(commit: Commit, before: Version, after: Version): Entry {
  const { author, date, path } = commit;
  const base = { commit: commit.commit, author, date, path };
  if (after.kind === "none") {
    return { ...base, generation: null, state: "removed", fault: null, changes: [] };
  }
  if (after.kind === "broken") {
    return { ...base, generation: null, state: "broken", fault: after.fault, changes: [] };
  }
  const { generation } = after.file;
  const whole = { ...base, generation, fault: null };
  if (before.kind === "whole") {
    return { ...whole, state: "changed", changes: describeChanges(before.file, after.file) };
  }
  return { ...whole, state: before.kind === "none" ? "created" : "mended", changes: [] };
}

function drawEntry(entry: Entry, out: Output): string {
  const { generation, commit, date, author, state, fault, changes } = entry;
  const head = [
    out.style("bold", generation === null ? "no generation" : `generation ${generation}`),
    out.style("yellow", commit.slice(0, SHORT_COMMIT_LENGTH)),
    date,
    printable(author),
  ].join("  ");
  const words = changes.filter(({ field }) => field !== GENERATION_FACT).map(changeText);
  if (fault !== null) words.push(out.style("red", `broken: ${printable(fault)}`));
  else if (words.length === 0) words.push(state === "changed" ? "nothing but its writing" : state);
  return [head, ...words.map((line) => `  ${line}`)].join("\n");
}

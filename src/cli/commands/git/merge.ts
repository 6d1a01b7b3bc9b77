import { dirname, resolve } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import { changeText, describeChanges } from "../../../format/describe/changes.ts";
import { type File, encodeFile } from "../../../format/file.ts";
import { conflictText, mergeFiles } from "../../../format/merge/merge.ts";
import { withLock } from "../../../store/lock.ts";
import { readFileBytes } from "../../../store/read.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { replaceRecord } from "../../../store/twin.ts";
import { usageError } from "../../args/arguments.ts";
import type { Command } from "../../command.ts";
import { printable } from "../../../base/text.ts";
import { refusePinned } from "../../files/project_file.ts";
import { decodeVersion } from "./decode_version.ts";

export interface MergeRequest {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  /** What messages call the file. */
  readonly name: string | undefined;
}

export const mergeCommand: Command<MergeRequest> = {
  usage: ["BASE OURS THEIRS [NAME]"],
  takesFiles: true,
  examples: [
    "bun-config merge base.lockb ours.lockb theirs.lockb   # writes ours.lockb",
    "bun-config git-setup                                  # lets git call it",
  ],
  parse(args) {
    const [base, ours, theirs, name, ...more] = args.operands;
    if (base === undefined || ours === undefined || theirs === undefined) {
      throw usageError("expected BASE OURS THEIRS");
    }
    if (more.length > 0) throw usageError("expected BASE OURS THEIRS and at most a NAME");
    return { base, ours, theirs, name };
  },
  async run(context, { base: basePath, ours: oursPath, theirs: theirsPath, name }) {
    const label = printable(name ?? oursPath);
    // Git's temporary files have names that say nothing.
    const of = (side: string, path: string): string =>
      name === undefined ? path : `${side} ${label}`;
    const base = readBase(resolve(context.cwd, basePath), of("base", basePath));
    const theirs = readSide(resolve(context.cwd, theirsPath), of("their", theirsPath));
    const path = realFilePath(resolve(context.cwd, oursPath));
    refusePinned(context, path);
    const { ours, merge } = await withLock(dirname(path), () => {
      const current = readSide(path, of("our", oursPath));
      const result = mergeFiles(base, current, theirs);
      replaceRecord(path, encodeFile(result.file));
      return { ours: current, merge: result };
    });
    const { file, notes } = merge;
    for (const note of notes) context.out.note(`${label}: ${note}`);
    if (merge.conflicts.length > 0) {
      throw new ImmuconfigError("ERR_CONFLICT", conflictText(label, merge.conflicts));
    }
    const changes = describeChanges(ours, file);
    context.out.done(
      { file: path, generation: file.generation, changes, notes },
      `Merged ${label}: ${changes.map(changeText).join(", ")}`,
    );
  },
};

/** Git gives an empty base when both sides created the file. */
function readBase(path: string, label: string): File | undefined {
  const bytes = readFileBytes(path);
  return bytes.length === 0 ? undefined : decodeVersion(bytes, label);
}

function readSide(path: string, label: string): File {
  return decodeVersion(readFileBytes(path), label);
}

/**
 * What git runs to show and to join a file. Built into one text that stands alone
 * (program.macro.ts), kept in the repository's own folder, and run by Bun or Node.
 *
 *     program textconv FILE
 *     program merge BASE OURS THEIRS NAME
 */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { readWhole } from "../../../../base/read_file.ts";
import { printable } from "../../../../base/text.ts";
import { blobOfText, factText, TWIN_SUFFIX, twinText } from "../../../../format/describe/text.ts";
import { encodeFile, type File } from "../../../../format/file.ts";
import { conflictText, mergeFiles } from "../../../../format/merge/merge.ts";
import { FILE_SIZE_MAX } from "../../../../store/read.ts";
import { decodeVersion } from "../decode_version.ts";

/** What git takes for a conflict. */
const CONFLICT = 1;

type Paths = readonly [base: string, ours: string, theirs: string];

const [action, ...words] = process.argv.slice(2);
process.exitCode = run(action, words);

function run(word: string | undefined, operands: readonly string[]): number {
  const [first = "", ours = "", theirs = "", name = ""] = operands;
  if (word === "textconv") {
    process.stdout.write(factText(read(first)));
    return 0;
  }
  const label = printable(name);
  try {
    const paths: Paths = [first, ours, theirs];
    return name.endsWith(TWIN_SUFFIX) ? mergeTwins(paths, label) : mergeVersions(paths, label);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return report(error.message);
  }
}

function mergeVersions(paths: Paths, label: string): number {
  const base = read(paths[0]);
  const merge = mergeFiles(
    base.length === 0 ? undefined : decodeVersion(base, `the base of ${label}`),
    decodeVersion(read(paths[1]), `our ${label}`),
    decodeVersion(read(paths[2]), `their ${label}`),
  );
  writeFileSync(paths[1], encodeFile(merge.file));
  for (const note of merge.notes) console.error(`${label}: ${note}`);
  return merge.conflicts.length === 0 ? 0 : report(conflictText(label, merge.conflicts));
}

/**
 * A twin says what its file says, so the files are joined, and the result is put into words. Git
 * has the files under the names that the twins end with.
 */
function mergeTwins(paths: Paths, label: string): number {
  const [base, ours, theirs] = paths.map((path) => {
    const text = new TextDecoder().decode(read(path));
    return text === "" ? undefined : fileOfTwin(text, label);
  });
  if (ours === undefined || theirs === undefined) return report(`${label} is empty on one side`);
  const merge = mergeFiles(base, ours, theirs);
  writeFileSync(paths[1], twinText(encodeFile(merge.file)));
  return merge.conflicts.length === 0 ? 0 : CONFLICT;
}

/** @throws Error when the text is not true, or git lacks its file */
function fileOfTwin(text: string, label: string): File {
  const blob = blobOfText(text);
  if (blob === undefined) throw new Error(`${label} is not what bun-config writes`);
  const { status, stdout } = spawnSync("git", ["cat-file", "blob", blob], {
    maxBuffer: FILE_SIZE_MAX + 1,
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (status !== 0) throw new Error(`${label} is about a file that git does not have (${blob})`);
  const bytes = new Uint8Array(stdout);
  if (twinText(bytes) !== text) throw new Error(`${label} does not say what its file says`);
  return decodeVersion(bytes, `the file of ${label}`);
}

function read(path: string): Uint8Array {
  return readWhole(path, FILE_SIZE_MAX);
}

function report(message: string): number {
  console.error(`error: ${message}`);
  return CONFLICT;
}

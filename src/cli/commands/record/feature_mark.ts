/** A flag taken out of use: all of `feature retire --mark-only`, and the last step of every other. */

import { EXIT } from "../../../base/exit_codes.ts";
import { retireFlag } from "../../../format/edit/switch_flags.ts";
import { isRetired } from "../../../format/file.ts";
import { recordToText } from "../../../format/record.ts";
import { nextFile } from "../../../store/update.ts";
import type { Context } from "../../command.ts";
import { change } from "../../files/change_file.ts";
import { open, type OpenedFile, refusePinned } from "../../files/project_file.ts";
import { formatDuration } from "../../../base/units.ts";
import type { RetireRequest } from "./feature_request.ts";

/** A line that names the flag and is not rewritten. */
export interface Mention {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What retiring a flag does to sources. */
export interface Rewritten {
  readonly name: string;
  /** Of which state the branches stayed; null where the sources were left alone. */
  readonly kept: "on" | "off" | null;
  readonly files: readonly string[];
  readonly mentions: readonly Mention[];
}

/**
 * Takes a flag out of use and leaves the sources alone.
 *
 * @returns the exit code
 */
export async function markRetired(
  context: Context,
  { name, dryRun }: Pick<RetireRequest, "name" | "dryRun">,
): Promise<number> {
  openToRetire(context, name);
  const head = { name, kept: null, files: [], mentions: [] };
  return dryRun ? wouldRetire(context, head) : retireNow(context, head);
}

/**
 * Opens the record. One that must stay as it is is found out before any source is rewritten, not after.
 *
 * @throws ImmuconfigError `ERR_PINNED`, `ERR_FROZEN`, `ERR_SIGNATURE`; `ERR_NOT_FOUND` for the file or
 * the flag; `ERR_READ`; FormatError
 */
export function openToRetire(context: Context, name: string): OpenedFile {
  const opened = open(context);
  refusePinned(context, opened.path);
  nextFile(opened.file, retireFlag(name), opened.path);
  return opened;
}

/** @param doing what else would be done, before "retire" */
export function wouldRetire(context: Context, head: Rewritten, doing = ""): number {
  context.out.done({ ...head, changed: false }, `would ${doing}retire ${head.name}`);
  return EXIT.done;
}

/** @param done what else was done, as the beginning of a sentence */
export async function retireNow(context: Context, head: Rewritten, done = ""): Promise<number> {
  const { name, files } = head;
  const { before, after, nanoseconds } = await change(context, retireFlag(name));
  context.out.done(
    {
      ...head,
      changed: before !== after || files.length > 0,
      retired: isRetired(after, name),
      record: recordToText(after.record),
    },
    before === after
      ? `${done}${name} is retired already`
      : `${done}${name} retired in ${formatDuration(nanoseconds)}, durable`,
  );
  return EXIT.done;
}

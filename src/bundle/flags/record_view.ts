/** What a build reads of the project's file, as plain data. */

import { type File, isRetired } from "../../format/file.ts";
import type { Record } from "../../format/record.ts";
import type { Config } from "../../runtime/config.ts";
import { snapshot } from "../../runtime/snapshot.ts";

/** One flag of the file's table. */
interface FlagView {
  readonly bit: number;
  readonly name: string;
  readonly retired?: boolean;
  /** `YYYY-MM-DD` */
  readonly expires?: string;
}

export interface RecordView {
  /** Of the file, for messages. */
  readonly path: string;
  /** The record that the build goes by, as programs see it. */
  readonly config: Config;
  readonly frozen: boolean;
  readonly flags: readonly FlagView[];
}

/** @param pinned the record of a parent process, in place of the file's */
export function viewOfFile(path: string, file: File, pinned?: Record): RecordView {
  const flags = file.flags.map(({ bit, name }): FlagView => {
    const expires = file.meta.flags?.[name]?.expires;
    const retired = isRetired(file, name);
    return { bit, name, retired, ...(expires === undefined ? {} : { expires }) };
  });
  return { path, config: snapshot(file, pinned), frozen: file.frozen, flags };
}

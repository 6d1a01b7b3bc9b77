/** What `verify` and `inspect` say about a built file: with which record, and is it today's. */

import { type EmbeddedRecord, readEmbeddedRecord } from "../../../bundle/flags/embedded_record.ts";
import { changeText, describeChanges, type FieldChange } from "../../../format/describe/changes.ts";
import type { File } from "../../../format/file.ts";
import { recordToText } from "../../../format/record.ts";
import { findFile } from "../../../store/find.ts";
import { readConfigFile } from "../../../trust/verified.ts";
import type { Context } from "../../command.ts";
import { EXIT } from "../../../base/exit_codes.ts";

/** A built file beside the project's record. */
interface Comparison {
  readonly record: string;
  /** The project's file; undefined where there is none. */
  readonly today: { readonly path: string; readonly file: File } | undefined;
  /** From the built record to today's. */
  readonly changes: readonly FieldChange[];
}

/**
 * @returns the exit code, or undefined when no build's record is in the file
 * @throws FormatError for a broken record, or two that disagree
 */
export function reportBuiltFile(context: Context, path: string): number | undefined {
  const built = readEmbeddedRecord(path);
  if (built === undefined) return undefined;
  const comparison = compare(context, built);
  const { record, today, changes } = comparison;
  const current = today !== undefined && changes.length === 0;
  context.out.done(
    {
      file: path,
      record,
      offset: built.offset,
      current: today === undefined ? null : current,
      today:
        today === undefined ? null : { file: today.path, record: recordToText(today.file.record) },
      changes,
    },
    [`${path} was built with record ${record}`, ...verdict(comparison)].join("\n"),
  );
  return current || today === undefined ? EXIT.done : EXIT.failed;
}

function compare(context: Context, built: EmbeddedRecord): Comparison {
  const record = recordToText(built.record);
  const { cwd, env, file: named } = context;
  const path = findFile({ cwd, env, file: named });
  if (path === undefined) return { record, today: undefined, changes: [] };
  const file = readConfigFile(path, env);
  const changes = describeChanges({ ...file, record: built.record }, file);
  return { record, today: { path, file }, changes };
}

function verdict({ today, changes }: Comparison): string[] {
  if (today === undefined) return ["there is no configuration file to compare it with"];
  if (changes.length === 0) return [`it is the record of ${today.path}`];
  const lines = changes.map((change) => `  ${changeText(change)}`);
  return [`it is not the record of ${today.path}, which has since changed:`, ...lines];
}

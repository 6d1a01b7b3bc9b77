/** Reads the project's record for a build. */

import { readFileSync } from "node:fs";
import { type BuildRecord, type FlagInfo, overrideFeatures } from "./build_record.ts";

export interface ImmuconfigOptions {
  /** The configuration file; otherwise it is searched as the commands do. */
  readonly file?: string;
  /** Flags to set otherwise than the record, by name. */
  readonly features?: Readonly<Record<string, boolean>>;
}

export function loadBuildRecord(options: ImmuconfigOptions): BuildRecord {
  const json = JSON.parse(readFileSync(options.file ?? "", "utf8"));
  const record: BuildRecord = {
    file: options.file ?? "",
    flags: new Map((json.flags as FlagInfo[]).map((flag) => [flag.name, flag])),
    constants: new Map(Object.entries(json.constants)),
  };
  return overrideFeatures(record, options.features ?? {});
}

/** A record as this process found it: read, verified, and under the pin of its parent. */

import { type File, flagMeta } from "../format/file.ts";
import type { Record } from "../format/record.ts";
import { requireFile, type Surroundings } from "../store/find.ts";
import { realFilePath } from "../store/real_path.ts";
import { readConfigFile } from "../trust/verified.ts";
import type { Config } from "./config.ts";
import type { ChildPin } from "./children.ts";
import { pinInForce, pinForChildren } from "./pin.ts";
import { snapshot } from "./snapshot.ts";

/** A file, and the record that counts there. */
export interface RecordView {
  readonly config: Config;
  readonly frozen: boolean;
  readonly path: string;
  /** The flag table, in ascending order of bit. */
  readonly flags: readonly LoadedFlag[];
}

/** What a process needs to know of the record that it runs on. */
export interface LoadedRecord extends RecordView {
  /** `config` is the record that a parent process pinned. */
  readonly pinned: boolean;
  /** The file's, absolute and without symbolic links. */
  readonly path: string;
  /** What child processes get in their environment; null when pins are switched off. */
  readonly pin: ChildPin | null;
}

interface LoadedFlag {
  readonly bit: number;
  readonly name: string;
  readonly retired?: true;
  /** `YYYY-MM-DD` */
  readonly expires?: string;
}

/** @param pinned the record of a parent process, in place of the file's */
export function recordView(path: string, file: File, pinned?: Record): RecordView {
  return {
    config: snapshot(file, pinned),
    frozen: file.frozen,
    path,
    flags: file.flags.map(({ bit, name }) => {
      const { retired, expires } = flagMeta(file, name);
      return {
        bit,
        name,
        ...(retired === undefined ? {} : { retired }),
        ...(expires === undefined ? {} : { expires }),
      };
    }),
  };
}

/**
 * Finds, reads and verifies the file of a project, and heeds the pin in `env`.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_PIN`, `ERR_SIGNATURE`; FormatError
 */
export function loadRecord(surroundings: Surroundings): LoadedRecord {
  const { env } = surroundings;
  const found = requireFile(surroundings);
  const file = readConfigFile(found, env);
  const pin = pinInForce(env, found, file);
  const { config, frozen, path, flags } = recordView(realFilePath(found), file, pin?.record);
  return {
    config,
    frozen,
    pinned: pin !== undefined,
    path,
    pin: pinForChildren(env, found, config.record, pin) ?? null,
    flags,
  };
}

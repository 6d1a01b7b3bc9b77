/** Reads the project's record for a build. */

import { requireFile } from "../store/find.ts";
import { readConfigFile } from "../store/verified.ts";
import { findPin } from "../runtime/pin.ts";
import { snapshot } from "../runtime/snapshot.ts";
import type { ConfigFile } from "../format/file.ts";
import { flagMask } from "../format/flag_table.ts";
import { type BuildRecord, type FlagInfo, overrideFeatures } from "./build_record.ts";

/** What every adapter takes. */
export interface ImmuconfigOptions {
  /**
   * The configuration file, from the working folder; otherwise `IMMUCONFIG_FILE`, or the nearest
   * `bunfig.lockb` from the working folder upwards.
   */
  readonly file?: string;
  /** Flags that this build sets otherwise than the record, by name. */
  readonly features?: Readonly<Record<string, boolean>>;
}

/**
 * The record that a build goes by: the one that a parent process pinned, or else the file's.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_PIN`, `ERR_SIGNATURE`; FormatError;
 * `ERR_VALUE` or `ERR_RETIRED` for a name in `features`
 */
export function loadBuildRecord({ file, features = {} }: ImmuconfigOptions): BuildRecord {
  const { env } = process;
  const path = requireFile({ cwd: process.cwd(), env, file });
  const decoded = readConfigFile(path, env);
  const record = findPin(env, path)?.record ?? decoded.record;
  const { version, registry, terminal } = snapshot(decoded, record);
  const values = { version, "registry.hash": registry.hash, ...prefixed("terminal", terminal) };
  return overrideFeatures(
    {
      file: path,
      flags: flagInfo(decoded, record.featureFlags),
      constants: new Map(Object.entries(values)),
    },
    features,
  );
}

function flagInfo(file: ConfigFile, featureFlags: number): Map<string, FlagInfo> {
  return new Map(
    file.flags.map(({ bit, name }) => {
      const meta = file.meta.flags?.[name];
      const enabled = (featureFlags & flagMask(bit)) !== 0;
      const expires = meta?.expires === undefined ? {} : { expires: meta.expires };
      return [name, { name, enabled, retired: meta?.retired === true, ...expires }];
    }),
  );
}

function prefixed(group: string, values: object): Record<string, number | string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`${group}.${key}`, value]),
  );
}

/** The record that one build runs on: the file's, the pin's, and what the caller overrides. */

import { ImmuconfigError } from "../errors.ts";
import { hex32 } from "../format/bytes.ts";
import { isRetired } from "../format/edit.ts";
import { type ConfigFile, registryUrl } from "../format/file.ts";
import { type FlagEntry, flagMask } from "../format/flag_table.ts";
import type { ConfigRecord } from "../format/record.ts";
import { registryHash } from "../format/registry_url.ts";
import { findPin } from "../runtime/pin.ts";
import { requireFile, type Surroundings } from "../store/find.ts";
import { readConfigFile } from "../store/verified.ts";
import { type BuildRecord, type FlagInfo, overrideFeatures, usableFlags } from "./build_record.ts";

export interface BuildState {
  readonly path: string;
  /** Names of the flags' bits. */
  readonly table: readonly FlagEntry[];
  /** With the overrides, so that an output says what it really was built with. */
  readonly record: ConfigRecord;
  readonly flags: BuildRecord;
  /** The flags that differ from the file's record, in the order in which they were given. */
  readonly overridden: readonly string[];
}

/** Flags to set otherwise than the record, by name; or the names of all flags that are on. */
export type FeatureChoice = Readonly<Record<string, boolean>> | readonly string[];

/**
 * Opens the project's record for a build.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SIGNATURE`, `ERR_PIN`; `ERR_VALUE` and
 * `ERR_RETIRED` for a flag that cannot be set; `ERR_FROZEN` for one that would differ from a frozen
 * record; FormatError
 */
export function openBuildState(
  surroundings: Surroundings,
  features: FeatureChoice = {},
): BuildState {
  const path = requireFile(surroundings);
  const file = readConfigFile(path, surroundings.env);
  return buildState(path, file, findPin(surroundings.env, path)?.record ?? file.record, features);
}

/** @param record the file's, or the one that a parent process pinned */
export function buildState(
  path: string,
  file: ConfigFile,
  record: ConfigRecord,
  choice: FeatureChoice = {},
): BuildState {
  const given = fileBuildRecord(path, file, record);
  const features = isList(choice) ? onlyThese(choice, given) : choice;
  const flags = overrideFeatures(given, features);
  const overridden = Object.keys(features).filter(
    (name) => given.flags.get(name)?.enabled !== features[name],
  );
  if (overridden.length > 0 && file.frozen) {
    throw new ImmuconfigError(
      "ERR_FROZEN",
      `${path} is frozen, so ${overridden.join(", ")} cannot be built otherwise than it says`,
      { hint: "Leave the flag out of the command, or run `bun-config thaw`." },
    );
  }
  const table = file.flags;
  return { path, table, record: withFlags(record, table, flags), flags, overridden };
}

/** What the record would be with some flags otherwise: a trial, for which nothing is refused. */
export function withStates(
  state: BuildState,
  features: Readonly<Record<string, boolean>>,
): BuildState {
  const flags = overrideFeatures(state.flags, features);
  return { ...state, flags, record: withFlags(state.record, state.table, flags) };
}

/** What a build needs to know of a file's record. */
function fileBuildRecord(path: string, file: ConfigFile, record: ConfigRecord): BuildRecord {
  const flags = file.flags.map(({ bit, name }): [string, FlagInfo] => {
    const expires = file.meta.flags?.[name]?.expires;
    const enabled = (record.featureFlags & flagMask(bit)) !== 0;
    const retired = isRetired(file, name);
    return [name, { name, enabled, retired, ...(expires === undefined ? {} : { expires }) }];
  });
  const constants = new Map<string, boolean | number | string>([
    ["version", record.version],
    ["registry.hash", hex32(record.registryHash)],
    ["terminal.mode", record.terminalMode],
    ["terminal.rows", record.rows],
    ["terminal.cols", record.cols],
  ]);
  const url = registryUrl(file);
  if (url !== undefined && registryHash(url) === record.registryHash) {
    constants.set("registry.url", url);
  }
  return { file: path, flags: new Map(flags), constants };
}

function isList(choice: FeatureChoice): choice is readonly string[] {
  return Array.isArray(choice);
}

function onlyThese(names: readonly string[], record: BuildRecord): Record<string, boolean> {
  const all = [...usableFlags(record), ...names];
  return Object.fromEntries(all.map((name) => [name, names.includes(name)]));
}

/** `record` with its bits as the flags say. */
function withFlags(
  record: ConfigRecord,
  table: readonly FlagEntry[],
  flags: BuildRecord,
): ConfigRecord {
  let { featureFlags } = record;
  for (const { bit, name } of table) {
    const enabled = flags.flags.get(name)?.enabled === true;
    featureFlags = enabled ? featureFlags | flagMask(bit) : featureFlags & ~flagMask(bit);
  }
  return { ...record, featureFlags: featureFlags >>> 0 };
}

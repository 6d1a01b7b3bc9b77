/** The record that one build runs on: the file's, the pin's, and what the caller overrides. */

import { ImmuconfigError } from "../errors.ts";
import { type FlagEntry, flagMask } from "../format/flag_table.ts";
import { type ConfigRecord, recordFromText, recordToText } from "../format/record.ts";
import { type BuildRecord, type FlagInfo, overrideFeatures, usableFlags } from "./build_record.ts";
import type { RecordView } from "./record_view.ts";

export interface BuildState {
  readonly path: string;
  /** Names of the flags' bits. */
  readonly table: readonly FlagEntry[];
  /** With the overrides, so that an output says what it really was built with. */
  readonly record: ConfigRecord;
  /** The same as 26 hex digits. */
  readonly recordText: string;
  readonly flags: BuildRecord;
  /** The flags that differ from the file's record, in the order in which they were given. */
  readonly overridden: readonly string[];
}

/** Flags to set otherwise than the record, by name; or the names of all flags that are on. */
export type FeatureChoice = Readonly<Record<string, boolean>> | readonly string[];

/**
 * @throws ImmuconfigError `ERR_VALUE` and `ERR_RETIRED` for a flag that cannot be set; `ERR_FROZEN`
 * for one that would differ from a frozen record
 */
export function buildState(view: RecordView, choice: FeatureChoice = {}): BuildState {
  const given = buildRecord(view);
  const recorded = makeState(view.path, view.flags, given, view.config.record, []);
  const features = isList(choice) ? onlyThese(choice, given) : choice;
  const names = Object.keys(features);
  if (names.length === 0) return recorded;
  const state = withStates(recorded, features);
  const overridden = names.filter((name) => given.flags.get(name)?.enabled !== features[name]);
  if (overridden.length > 0 && view.frozen) {
    throw new ImmuconfigError(
      "ERR_FROZEN",
      `${view.path} is frozen, so ${overridden.join(", ")} cannot be built otherwise than it says`,
      { hint: "Leave the flag out of the command, or run `bun-config thaw`." },
    );
  }
  return makeState(view.path, view.flags, state.flags, state.recordText, overridden);
}

/** What the record would be with some flags otherwise: a trial, for which nothing is refused. */
export function withStates(
  { path, table, flags, record, overridden }: BuildState,
  features: Readonly<Record<string, boolean>>,
): BuildState {
  const turned = overrideFeatures(flags, features);
  const text = recordToText(withFlags(record, table, turned));
  return makeState(path, table, turned, text, overridden);
}

function makeState(
  path: string,
  table: readonly FlagEntry[],
  flags: BuildRecord,
  recordText: string,
  overridden: readonly string[],
): BuildState {
  return {
    path,
    table,
    flags,
    recordText,
    overridden,
    // Most builds never ask.
    get record() {
      return recordFromText(recordText);
    },
  };
}

/** What a build needs to know of a file's record. */
function buildRecord({ path, config, flags: table }: RecordView): BuildRecord {
  const states: Readonly<Record<string, boolean>> = config.features;
  const flags = new Map<string, FlagInfo>();
  for (const { name, retired = false, expires } of table) {
    const enabled = states[name] === true;
    flags.set(name, { name, enabled, retired, ...(expires === undefined ? {} : { expires }) });
  }
  const { registry, terminal } = config;
  const constants = new Map<string, boolean | number | string>([
    ["version", config.version],
    ["registry.hash", registry.hash],
    ["terminal.mode", terminal.mode],
    ["terminal.rows", terminal.rows],
    ["terminal.cols", terminal.cols],
  ]);
  if (registry.url !== null) constants.set("registry.url", registry.url);
  return { file: path, flags, constants };
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

/** The record that a build runs on, as it is in the file or in the pin. */

import type { FlagEntry } from "../../format/flags.ts";
import type { BuildFlags, FlagInfo } from "./build_flags.ts";
import type { RecordView } from "./record_view.ts";

export interface BuildState {
  readonly path: string;
  /** Names of the flags' bits. */
  readonly table: readonly FlagEntry[];
  /** With the overrides, so that an output says what it really was built with: 26 hex digits. */
  readonly recordText: string;
  readonly flags: BuildFlags;
  /** The flags that differ from the file's record, in the order in which they were given. */
  readonly overridden: readonly string[];
}

/** The record as it is. */
export function recordedState(view: RecordView): BuildState {
  const { path, flags: table, config } = view;
  return { path, table, recordText: config.record, flags: buildRecord(view), overridden: [] };
}

/** What a build needs to know of a file's record. */
function buildRecord({ path, config, flags: table }: RecordView): BuildFlags {
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

/** The record that a build runs on, with what the caller overrides. */

import { ImmuconfigError } from "../../base/errors.ts";
import { type FlagEntry, flagMask } from "../../format/flags.ts";
import { type Record, recordFromText, recordToText } from "../../format/record.ts";
import { type BuildFlags, isEnabled, overrideFeatures, usableFlags } from "./build_flags.ts";
import { type BuildState, recordedState } from "./recorded_state.ts";
import type { RecordView } from "./record_view.ts";

/** Flags to set otherwise than the record, by name; or the names of all flags that are on. */
export type FeatureChoice = { readonly [name: string]: boolean } | readonly string[];

/**
 * @throws ImmuconfigError `ERR_VALUE` and `ERR_RETIRED` for a flag that cannot be set; `ERR_FROZEN`
 * for one that would differ from a frozen record
 */
export function buildState(view: RecordView, choice: FeatureChoice = {}): BuildState {
  const recorded = recordedState(view);
  const { path, flags } = recorded;
  const features = isList(choice) ? onlyThese(choice, flags) : choice;
  const state = withStates(recorded, features);
  const overridden = Object.keys(features).filter(
    (name) => flags.flags.get(name)?.enabled !== features[name],
  );
  if (overridden.length > 0 && view.frozen) {
    throw new ImmuconfigError(
      "ERR_FROZEN",
      `${path} is frozen, so ${overridden.join(", ")} cannot be built otherwise than it says`,
      { hint: "Leave the flag out of the command, or run `bun-config thaw`." },
    );
  }
  return { ...state, overridden };
}

/** What the record would be with some flags otherwise: a trial, for which nothing is refused. */
export function withStates(
  state: BuildState,
  features: { readonly [name: string]: boolean },
): BuildState {
  const flags = overrideFeatures(state.flags, features);
  const record = withFlags(recordFromText(state.recordText), state.table, flags);
  return { ...state, flags, recordText: recordToText(record) };
}

function isList(choice: FeatureChoice): choice is readonly string[] {
  return Array.isArray(choice);
}

function onlyThese(names: readonly string[], record: BuildFlags): { [name: string]: boolean } {
  const all = [...usableFlags(record), ...names];
  return Object.fromEntries(all.map((name) => [name, names.includes(name)]));
}

/** `record` with its bits as the flags say. */
function withFlags(record: Record, table: readonly FlagEntry[], flags: BuildFlags): Record {
  let { featureFlags } = record;
  for (const { bit, name } of table) {
    const enabled = isEnabled(flags, name);
    featureFlags = enabled ? featureFlags | flagMask(bit) : featureFlags & ~flagMask(bit);
  }
  return { ...record, featureFlags: featureFlags >>> 0 };
}

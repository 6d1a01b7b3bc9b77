/** What a build knows of the record: its flags, and the values that become literals. Pure. */

import { ImmuconfigError } from "../../base/errors.ts";
import { withFlag } from "../../format/flag_set.ts";
import { noSuchFlag, retiredFlag } from "../../format/flags.ts";
import { recordFromText, recordToText } from "../../format/record.ts";
import type { RecordView } from "../../runtime/loaded_record.ts";

export interface BuildFlag {
  readonly name: string;
  readonly bit: number;
  readonly enabled: boolean;
  readonly retired: boolean;
  /** The last day on which the flag is expected to exist, `YYYY-MM-DD`, UTC. */
  readonly expires?: string;
}

export interface BuildFlags {
  /** Where the record came from, for messages and for watching. */
  readonly file: string;
  /** With the overrides, so that an output says what it really was built with: 26 hex digits. */
  readonly record: string;
  /** Of the file; null where the record is another one than the file's. */
  readonly generation: number | null;
  /** A frozen record is built as it is, and in no other way. */
  readonly frozen: boolean;
  /** In ascending order of bit. */
  readonly byName: ReadonlyMap<string, BuildFlag>;
  /** Values by their path below `Bun.config`, such as `terminal.rows`; flags are not in here. */
  readonly constants: ReadonlyMap<string, boolean | number | string>;
  /** The flags that differ from the file's record, in the order in which they were given. */
  readonly overridden: readonly string[];
}

/** Flags to set otherwise than the record, by name; or the names of all flags that are on. */
export type FeatureChoice = { readonly [name: string]: boolean } | readonly string[];

/** Where `config` of `immuconfig` comes from: the build, or the file when the program starts. */
export type ConfigSource = "built" | "file";

export function buildFlags({ config, frozen, path, flags }: RecordView): BuildFlags {
  const states: Readonly<{ [name: string]: boolean }> = config.features;
  const byName = new Map<string, BuildFlag>();
  for (const { name, retired = false, ...flag } of flags) {
    byName.set(name, { ...flag, name, enabled: states[name] === true, retired });
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
  const { record, generation } = config;
  return { file: path, record, generation, frozen, byName, constants, overridden: [] };
}

/** Whether the record has a flag on; false also for a name that it does not know. */
export function isEnabled({ byName }: BuildFlags, name: string): boolean {
  return byName.get(name)?.enabled === true;
}

/** Whether there is nothing to say about a flag: it is known and in use, without a last day. */
export function isSettled({ byName }: BuildFlags, name: string): boolean {
  const flag = byName.get(name);
  return flag !== undefined && !flag.retired && flag.expires === undefined;
}

/** The names of the flags that can be used, retired ones left out. */
export function usableFlags({ byName }: BuildFlags): string[] {
  return [...byName.values()].flatMap(({ name, retired }) => (retired ? [] : [name]));
}

/** The names of the flags that are on: what Bun's own `--feature` and `features` take. */
export function enabledFlags({ byName }: BuildFlags): string[] {
  return [...byName.values()].flatMap(({ name, enabled, retired }) =>
    enabled && !retired ? [name] : [],
  );
}

/**
 * The flags as the caller wants them.
 *
 * @throws ImmuconfigError `ERR_VALUE` and `ERR_RETIRED` for a flag that cannot be set; `ERR_FROZEN`
 * for one that would differ from a frozen record
 */
export function chooseFlags(flags: BuildFlags, choice: FeatureChoice): BuildFlags {
  const features = isList(choice) ? onlyThese(choice, flags) : choice;
  if (Object.keys(features).length === 0) return flags;
  const chosen = withStates(flags, features);
  const overridden = Object.keys(features).filter(
    (name) => flags.byName.get(name)?.enabled !== features[name],
  );
  if (overridden.length > 0 && flags.frozen) {
    throw new ImmuconfigError(
      "ERR_FROZEN",
      `${flags.file} is frozen, so ${overridden.join(", ")} cannot be built otherwise than it says`,
      { hint: "Leave the flag out of the command, or run `bun-config thaw`." },
    );
  }
  return { ...chosen, overridden };
}

/**
 * What the record would be with some flags otherwise: a trial, for which a frozen record is no
 * hindrance.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` for a flag that the record does not define, `ERR_RETIRED`
 */
export function withStates(
  flags: BuildFlags,
  states: Readonly<{ [name: string]: boolean }>,
): BuildFlags {
  const byName = new Map(flags.byName);
  const record = recordFromText(flags.record);
  let { featureFlags } = record;
  for (const [name, enabled] of Object.entries(states)) {
    const flag = byName.get(name);
    if (flag === undefined) throw noSuchFlag(name, usableFlags(flags));
    if (flag.retired) throw retiredFlag(name, `Take features.${name} out of the options.`);
    byName.set(name, { ...flag, enabled });
    featureFlags = withFlag(featureFlags, flag.bit, enabled);
  }
  const text = recordToText({ ...record, featureFlags });
  const generation = text === flags.record ? flags.generation : null;
  return { ...flags, byName, record: text, generation };
}

function isList(choice: FeatureChoice): choice is readonly string[] {
  return Array.isArray(choice);
}

function onlyThese(names: readonly string[], flags: BuildFlags): { [name: string]: boolean } {
  const all = [...usableFlags(flags), ...names];
  return Object.fromEntries(all.map((name) => [name, names.includes(name)]));
}

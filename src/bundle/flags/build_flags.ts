/** What a build needs to know of a record: its flags, and the values that become literals. */

import { ImmuconfigError, valueError } from "../../base/errors.ts";
import { nearest } from "../../base/suggest.ts";

export interface FlagInfo {
  readonly name: string;
  readonly enabled: boolean;
  readonly retired: boolean;
  /** The last day on which the flag is expected to exist, `YYYY-MM-DD`, UTC. */
  readonly expires?: string;
}

export interface BuildFlags {
  /** Where the record came from, for messages and for watching. */
  readonly file: string;
  readonly flags: ReadonlyMap<string, FlagInfo>;
  /** Values by their path below `Bun.config`, such as `terminal.rows`; flags are not in here. */
  readonly constants: ReadonlyMap<string, boolean | number | string>;
}

/** Whether the record has a flag on; false also for a name that it does not know. */
export function isEnabled({ flags }: BuildFlags, name: string): boolean {
  return flags.get(name)?.enabled === true;
}

/** Whether there is nothing to say about a flag: it is known and in use, without a last day. */
export function isSettled({ flags }: BuildFlags, name: string): boolean {
  const flag = flags.get(name);
  return flag !== undefined && !flag.retired && flag.expires === undefined;
}

/** The names of the flags that can be used, retired ones left out. */
export function usableFlags(record: BuildFlags): string[] {
  return [...record.flags.values()].flatMap((flag) => (flag.retired ? [] : [flag.name]));
}

/** The names of the flags that are on: what Bun's own `--feature` and `features` take. */
export function enabledFlags({ flags }: BuildFlags): string[] {
  const names: string[] = [];
  for (const { name, enabled, retired } of flags.values()) {
    if (enabled && !retired) names.push(name);
  }
  return names;
}

/**
 * The record with flags set by hand.
 *
 * @param features flags by name
 * @throws ImmuconfigError `ERR_VALUE` for a flag that the record does not define, `ERR_RETIRED`
 */
export function overrideFeatures(
  record: BuildFlags,
  features: Readonly<Record<string, boolean>>,
): BuildFlags {
  const flags = new Map(record.flags);
  for (const [name, enabled] of Object.entries(features)) {
    const flag = flags.get(name);
    if (flag === undefined) throw unknownOverride(name, record);
    if (flag.retired) {
      throw new ImmuconfigError("ERR_RETIRED", `features.${name}: the flag is retired`, {
        hint: "Take it out of the options.",
      });
    }
    flags.set(name, { ...flag, enabled });
  }
  return { ...record, flags };
}

function unknownOverride(name: string, record: BuildFlags): ImmuconfigError {
  const near = nearest(name, usableFlags(record));
  return valueError(
    `features.${name}: ${record.file} defines no such flag`,
    near === undefined
      ? `Define it first: bun-config feature define ${name}`
      : `Did you mean ${near}?`,
  );
}

/** What a bundler's `define` needs: `Bun.config.…` by path, as source text. */
export function recordDefines(record: BuildFlags): Record<string, string> {
  const defines: Record<string, string> = {};
  for (const [path, value] of record.constants) {
    defines[`Bun.config.${path}`] = JSON.stringify(value);
  }
  for (const { name, enabled, retired } of record.flags.values()) {
    if (!retired) defines[`Bun.config.features.${name}`] = String(enabled);
  }
  return defines;
}

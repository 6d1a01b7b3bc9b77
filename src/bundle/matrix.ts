/** The combinations of a record's flags that are worth trying. */

import { flagMask } from "../format/flag_table.ts";
import type { ConfigRecord } from "../format/record.ts";
import type { ConfigFile } from "../format/file.ts";
import { type BuildRecord, usableFlags } from "./build_record.ts";
import { type Combination, coveringArray, findSuspects } from "./covering_array.ts";

export interface MatrixRow {
  /** Every flag's state. */
  readonly states: ReadonlyMap<string, boolean>;
  readonly flags: BuildRecord;
}

/**
 * The record's own combination first, then as many as let every pair of flags take all four values.
 */
export function matrixRows(record: BuildRecord): MatrixRow[] {
  const names = usableFlags(record);
  const origin = names.map((name) => record.flags.get(name)?.enabled === true);
  return coveringArray(origin).map((combination) => {
    const states = new Map(names.map((name, index) => [name, combination[index] === true]));
    const flags = new Map(record.flags);
    for (const [name, enabled] of states) {
      const flag = flags.get(name);
      if (flag !== undefined) flags.set(name, { ...flag, enabled });
    }
    return { states, flags: { ...record, flags } };
  });
}

/** The record with the flags of a row. */
export function rowRecord(file: ConfigFile, record: ConfigRecord, row: MatrixRow): ConfigRecord {
  let { featureFlags } = record;
  for (const { bit, name } of file.flags) {
    const state = row.states.get(name);
    if (state === undefined) continue;
    featureFlags = state ? featureFlags | flagMask(bit) : featureFlags & ~flagMask(bit);
  }
  return { ...record, featureFlags: featureFlags >>> 0 };
}

/** States that all failing rows have and no passing one: `["A on, B off"]`. */
export function suspectTexts(rows: readonly MatrixRow[], failed: readonly boolean[]): string[] {
  const names = [...(rows[0]?.states.keys() ?? [])];
  const combinations = rows.map((row): Combination => [...row.states.values()]);
  return findSuspects(combinations, failed).map(({ states }) =>
    [...states].map(([flag, state]) => `${names[flag]} ${state ? "on" : "off"}`).join(", "),
  );
}

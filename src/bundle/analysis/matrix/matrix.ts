/** The combinations of a record's flags that are worth trying. */

import { type BuildFlags, isEnabled, usableFlags, withStates } from "../../flags/build_flags.ts";
import { type Combination, coveringArray, findSuspects } from "./covering_array.ts";

export interface MatrixRow {
  /** The state of every flag that is in use. */
  readonly states: ReadonlyMap<string, boolean>;
  /** The record with these states. */
  readonly flags: BuildFlags;
}

/**
 * The record's own combination first, then as many as let every pair of flags take all four
 * values.
 */
export function matrixRows(flags: BuildFlags): MatrixRow[] {
  const names = usableFlags(flags);
  const origin = names.map((name) => isEnabled(flags, name));
  return coveringArray(origin).map((combination) => {
    const states = new Map(names.map((name, index) => [name, combination[index] === true]));
    return { states, flags: withStates(flags, Object.fromEntries(states)) };
  });
}

/** States that all failing rows have and no passing one: `["A on, B off"]`. */
export function suspectTexts(rows: readonly MatrixRow[], failed: readonly boolean[]): string[] {
  const names = [...(rows[0]?.states.keys() ?? [])];
  const combinations = rows.map((row): Combination => [...row.states.values()]);
  return findSuspects(combinations, failed).map((suspect) =>
    [...suspect].map(([flag, state]) => `${names[flag]} ${state ? "on" : "off"}`).join(", "),
  );
}

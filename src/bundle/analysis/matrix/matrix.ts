/** The combinations of a record's flags that are worth trying. */

import { isEnabled, usableFlags } from "../../flags/build_flags.ts";
import { withStates } from "../../flags/build_state.ts";
import type { BuildState } from "../../flags/recorded_state.ts";
import { type Combination, coveringArray, findSuspects } from "./covering_array.ts";

export interface MatrixRow {
  /** The state of every flag that is in use. */
  readonly states: ReadonlyMap<string, boolean>;
  /** The record with these states. */
  readonly state: BuildState;
}

/**
 * The record's own combination first, then as many as let every pair of flags take all four
 * values.
 */
export function matrixRows(state: BuildState): MatrixRow[] {
  const names = usableFlags(state.flags);
  const origin = names.map((name) => isEnabled(state.flags, name));
  return coveringArray(origin).map((combination) => {
    const states = new Map(names.map((name, index) => [name, combination[index] === true]));
    return { states, state: withStates(state, Object.fromEntries(states)) };
  });
}

/** States that all failing rows have and no passing one: `["A on, B off"]`. */
export function suspectTexts(rows: readonly MatrixRow[], failed: readonly boolean[]): string[] {
  const names = [...(rows[0]?.states.keys() ?? [])];
  const combinations = rows.map((row): Combination => [...row.states.values()]);
  return findSuspects(combinations, failed).map(({ states }) =>
    [...states].map(([flag, state]) => `${names[flag]} ${state ? "on" : "off"}`).join(", "),
  );
}

/** What the waves of a rollout make of a state. Pure. */

import type { AuditRow } from "./audit_chain.ts";
import type { Folds } from "./fold.ts";
import { inEnvironment } from "./fold_environment.ts";
import type { RolloutChange } from "./rollout.ts";
import type { Rollout, State } from "./state.ts";

export const ROLLOUT_FOLDS: Folds<RolloutChange["kind"]> = {
  "rollout.started": (state, change, row) =>
    inEnvironment(state, change, row, (environment) => {
      const { flag, enabled, until, reason, shares, everyMs, haltIf, rest } = change;
      const { sequence: salt, time: since, actor } = row;
      const rollout = { salt, shares, step: 0, since, everyMs, haltIf, rest, halted: null };
      const override = { flag, enabled, until, reason, time: since, actor, rollout };
      return { ...environment, overrides: new Map(environment.overrides).set(flag, override) };
    }),
  "rollout.advanced": (state, change, row) =>
    changed(state, change, row, (rollout) => {
      return { ...rollout, step: rollout.shares.indexOf(change.share), since: row.time };
    }),
  "rollout.halted": (state, change, row) =>
    changed(state, change, row, (rollout) => {
      const { time, actor } = row;
      return { ...rollout, halted: { reason: change.reason, time, actor } };
    }),
  "rollout.resumed": (state, change, row) =>
    // The wave begins anew: its health is looked at after a whole pause.
    changed(state, change, row, (rollout) => ({ ...rollout, since: row.time, halted: null })),
};

function changed(
  state: State,
  change: RolloutChange,
  row: AuditRow,
  next: (rollout: Rollout) => Rollout,
): State {
  return inEnvironment(state, change, row, (environment) => {
    const override = environment.overrides.get(change.flag);
    if (override === undefined || override.rollout === null) return environment;
    const rollout = next(override.rollout);
    const overrides = new Map(environment.overrides).set(change.flag, { ...override, rollout });
    return { ...environment, overrides };
  });
}

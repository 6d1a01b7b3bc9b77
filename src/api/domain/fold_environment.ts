/** What changes of projects and environments make of a state. Pure. */

import type { AuditRow } from "./audit_chain.ts";
import type { Folds } from "./fold.ts";
import type { Place } from "./places.ts";
import type { Environment, Project, PushedRecord, State } from "./state.ts";

/** Rows of an environment's history that are kept in memory. */
const HISTORY_LENGTH = 100;

const NEW_ENVIRONMENT: Omit<Environment, "name"> = {
  version: 0,
  changes: 0,
  records: [],
  ledger: null,
  overrides: new Map(),
  twoPersons: false,
  frozen: null,
  schedules: new Map(),
  requests: new Map(),
  history: [],
};

export const ENVIRONMENT_FOLDS: Folds<
  | "project.created"
  | "environment.created"
  | "record.pushed"
  | "ledger.built"
  | "override.set"
  | "override.cleared"
  | "override.ended"
> = {
  "project.created": (state, { project }) =>
    withProject(state, { name: project, environments: new Map() }),
  "environment.created": (state, change, row) =>
    inEnvironment(state, change, row, (environment) => environment),
  "record.pushed": (state, change, row) =>
    inEnvironment(state, change, row, (environment) => {
      return { ...environment, records: [...environment.records, pushedBy(change, row)] };
    }),
  "ledger.built": (state, change, row) =>
    withEnvironment(state, change, (environment) => {
      // Of the same version: who is about to switch a flag has seen all that counts.
      return {
        ...environment,
        ledger: pushedBy(change, row),
        history: [row, ...environment.history].slice(0, HISTORY_LENGTH),
      };
    }),
  "override.set": (state, change, row) =>
    inEnvironment(state, change, row, (environment) => {
      const { flag, enabled, until, reason } = change;
      const { time, actor } = row;
      const override = { flag, enabled, until, reason, time, actor, rollout: null };
      return { ...environment, overrides: new Map(environment.overrides).set(flag, override) };
    }),
  "override.cleared": withoutOverride,
  "override.ended": withoutOverride,
};

function withoutOverride(
  state: State,
  change: Place & { readonly flag: string },
  row: AuditRow,
): State {
  return inEnvironment(state, change, row, ({ overrides, ...rest }) => {
    return { ...rest, overrides: without(overrides, change.flag) };
  });
}

function pushedBy(
  { generation, digest, size }: Pick<PushedRecord, "generation" | "digest" | "size">,
  { time, actor }: AuditRow,
): PushedRecord {
  return { generation, digest, size, time, actor };
}

/** Every change of an environment gives it a version, counts, and stands in its history. */
export function inEnvironment(
  state: State,
  at: Place,
  row: AuditRow,
  change: (environment: Environment) => Environment,
): State {
  return withEnvironment(state, at, (old) => {
    const history = [row, ...old.history].slice(0, HISTORY_LENGTH);
    return { ...change(old), version: row.sequence, changes: old.changes + 1, history };
  });
}

function withEnvironment(
  state: State,
  { project: name, environment }: Place,
  change: (environment: Environment) => Environment,
): State {
  const project = state.projects.get(name) ?? { name, environments: new Map() };
  const old = project.environments.get(environment) ?? { name: environment, ...NEW_ENVIRONMENT };
  const environments = new Map(project.environments).set(environment, change(old));
  return withProject(state, { ...project, environments });
}

export function without<Key, Value>(
  map: ReadonlyMap<Key, Value>,
  key: Key,
): ReadonlyMap<Key, Value> {
  const kept = new Map(map);
  kept.delete(key);
  return kept;
}

function withProject(state: State, project: Project): State {
  return { ...state, projects: new Map(state.projects).set(project.name, project) };
}

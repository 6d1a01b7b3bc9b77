/** The control plane as its readers see it: the fold of the audit log. Never changed, only replaced. */

import type { AuditRow } from "./audit_chain.ts";
import { EMPTY_CHAIN } from "./audit_chain.ts";
import type { Change, Role, Scope } from "./change.ts";

interface PushedRecord {
  readonly generation: number;
  readonly digest: string;
  readonly size: number;
  readonly time: number;
  readonly actor: string;
}

export interface Override {
  readonly flag: string;
  readonly enabled: boolean;
  readonly until: number | null;
  readonly reason: string;
  readonly time: number;
  readonly actor: string;
}

export interface Environment {
  readonly name: string;
  /** The row that changed it last: what `If-Match` compares. */
  readonly version: number;
  /** How often it was changed: what hosts count by, without gaps. */
  readonly changes: number;
  /** In ascending order of generation. */
  readonly records: readonly PushedRecord[];
  readonly overrides: ReadonlyMap<string, Override>;
  /** The last rows that changed it, the newest first. */
  readonly history: readonly AuditRow[];
}

export interface Project {
  readonly name: string;
  readonly environments: ReadonlyMap<string, Environment>;
}

export interface Token extends Scope {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly digest: string;
  readonly expires: number | null;
  readonly created: number;
}

export interface State {
  /** The last row that is in it. */
  readonly head: Pick<AuditRow, "sequence" | "time" | "digest">;
  readonly projects: ReadonlyMap<string, Project>;
  /** By the digest of their secret; revoked ones are gone. */
  readonly tokens: ReadonlyMap<string, Token>;
  /** The names of tokens, by their ids; of revoked ones too. */
  readonly tokenNames: ReadonlyMap<string, string>;
}

/** Rows of an environment's history that are kept in memory. */
const HISTORY_LENGTH = 100;

export const EMPTY_STATE: State = {
  head: EMPTY_CHAIN,
  projects: new Map(),
  tokens: new Map(),
  tokenNames: new Map(),
};

/** The state after one more row, which the caller has checked. */
export function applyRow(state: State, row: AuditRow): State {
  const { sequence, time, digest } = row;
  return { ...applyChange(state, row.change, row), head: { sequence, time, digest } };
}

function applyChange(state: State, change: Change, row: AuditRow): State {
  switch (change.kind) {
    case "project.created":
      return withProject(state, { name: change.project, environments: new Map() });
    case "environment.created":
      return withEnvironment(state, change, row, (_, version) => ({
        name: change.environment,
        version,
        changes: 0,
        records: [],
        overrides: new Map(),
        history: [],
      }));
    case "record.pushed":
      return withEnvironment(state, change, row, (environment, version) => {
        const { generation, digest, size } = change;
        const { time, actor } = row;
        const pushed = { generation, digest, size, time, actor };
        return { ...environment, version, records: [...environment.records, pushed] };
      });
    case "override.set":
      return withEnvironment(state, change, row, (environment, version) => {
        const { flag, enabled, until, reason } = change;
        const { time, actor } = row;
        const overrides = new Map(environment.overrides);
        overrides.set(flag, { flag, enabled, until, reason, time, actor });
        return { ...environment, version, overrides };
      });
    case "override.cleared":
      return withEnvironment(state, change, row, (environment, version) => {
        const overrides = new Map(environment.overrides);
        overrides.delete(change.flag);
        return { ...environment, version, overrides };
      });
    case "token.created": {
      const { token: id, name, role, digest, expires, project, environment } = change;
      const created = row.time;
      const token = { id, name, role, digest, expires, project, environment, created };
      const tokenNames = new Map(state.tokenNames).set(id, name);
      return { ...state, tokens: new Map(state.tokens).set(digest, token), tokenNames };
    }
    default: {
      const kept = [...state.tokens].filter(([, { id }]) => id !== change.token);
      return { ...state, tokens: new Map(kept) };
    }
  }
}

function withProject(state: State, project: Project): State {
  return { ...state, projects: new Map(state.projects).set(project.name, project) };
}

const NO_ENVIRONMENT: Environment = {
  name: "",
  version: 0,
  changes: 0,
  records: [],
  overrides: new Map(),
  history: [],
};

function withEnvironment(
  state: State,
  at: { readonly project: string; readonly environment: string },
  row: AuditRow,
  change: (environment: Environment, version: number) => Environment,
): State {
  const project = state.projects.get(at.project) ?? { name: at.project, environments: new Map() };
  const old = project.environments.get(at.environment) ?? NO_ENVIRONMENT;
  const environments = new Map(project.environments);
  const changed = change(old, row.sequence);
  const history = [row, ...old.history].slice(0, HISTORY_LENGTH);
  environments.set(at.environment, { ...changed, changes: old.changes + 1, history });
  return withProject(state, { ...project, environments });
}

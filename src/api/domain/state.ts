/**
 * The control plane as its readers see it: the fold of the audit log (`fold.ts`). Never
 * changed, only replaced.
 */

import type { AuditRow } from "./audit_chain.ts";
import { EMPTY_CHAIN } from "./audit_chain.ts";
import type { Action, Grant, JobRule } from "./change.ts";
import type { WavePlan } from "../../base/shares.ts";
import type { FlagVariants } from "./variants.ts";

export interface PushedRecord {
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
  /** How it reaches the hosts; null where it reached all at once. */
  readonly rollout: Rollout | null;
}

/** Who did it, when, and why. */
export interface Done {
  readonly reason: string;
  readonly time: number;
  readonly actor: string;
}

/** Never changed, only replaced. */
export interface Rollout extends WavePlan {
  /** The row that began it. */
  readonly salt: number;
  /** The wave that has come last: an index of `shares`. */
  readonly step: number;
  /** When it came, or was resumed, in milliseconds since 1970. */
  readonly since: number;
  /** What the flag is on the hosts that are not reached; null as their record says. */
  readonly rest: boolean | null;
  readonly halted: Done | null;
}

export interface Schedule extends Done {
  /** The row that made it. */
  readonly id: number;
  readonly action: Action;
  readonly at: number;
  /** By a second person. */
  readonly approved: boolean;
}

export interface ChangeRequest extends Done {
  /** The row that opened it. */
  readonly id: number;
  readonly action: Action;
  readonly at: number | null;
}

export interface Environment {
  readonly name: string;
  /** The row that changed it last: what `If-Match` compares. */
  readonly version: number;
  /** How often it was changed: what hosts count by, without gaps. */
  readonly changes: number;
  /** In ascending order of generation. */
  readonly records: readonly PushedRecord[];
  /** What each flag adds to the bundle that was pushed last. */
  readonly ledger: PushedRecord | null;
  readonly overrides: ReadonlyMap<string, Override>;
  /** By flag; nothing where no flag has any, or the server is built without PREMIUM_TYPES. */
  readonly variants?: ReadonlyMap<string, FlagVariants>;
  /** A change of a flag needs somebody who approves it, and did not ask for it. */
  readonly twoPersons: boolean;
  /** Nothing but switching off, by an administrator. */
  readonly frozen: Done | null;
  /** By their ids, in the order in which they were made. */
  readonly schedules: ReadonlyMap<number, Schedule>;
  readonly requests: ReadonlyMap<number, ChangeRequest>;
  /** The last rows that changed it, the newest first. */
  readonly history: readonly AuditRow[];
}

export interface Project {
  readonly name: string;
  readonly environments: ReadonlyMap<string, Environment>;
}

export interface Token extends Grant {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  readonly expires: number | null;
  readonly created: number;
  /** Who made it, as the log names them. */
  readonly actor: string;
}

export interface Passkey {
  readonly id: string;
  readonly publicKey: string;
  /** The highest that was seen. */
  readonly counter: number;
  readonly host: string;
  readonly created: number;
}

/** As a provider of identities knows a person. */
export interface Identity {
  /** SHA-256 of the issuer and the subject. */
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly created: number;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  /** The last one, until it is used. */
  readonly invitation: { readonly digest: string; readonly until: number } | null;
  /** By their ids. */
  readonly passkeys: ReadonlyMap<string, Passkey>;
  /** By their ids. */
  readonly identities: ReadonlyMap<string, Identity>;
  readonly created: number;
}

/** Never changed, only replaced: what was verified by one holds as long as it is this object. */
export interface Issuer {
  readonly name: string;
  readonly url: string;
  readonly jwks: string;
  readonly audience: string;
  readonly rules: readonly JobRule[];
}

export interface Actor {
  readonly name: string;
  /** Who made the token or invited the person, as the log names them. */
  readonly by: string;
}

export interface State {
  /** The last row that is in it. */
  readonly head: Pick<AuditRow, "sequence" | "time" | "digest">;
  readonly projects: ReadonlyMap<string, Project>;
  /** By the digest of their secret; revoked ones are gone. */
  readonly tokens: ReadonlyMap<string, Token>;
  /** By their ids; removed ones are gone. */
  readonly people: ReadonlyMap<string, Person>;
  /** By `iss`. */
  readonly issuers: ReadonlyMap<string, Issuer>;
  /** Tokens and people, by what the log calls them; those who are gone too. */
  readonly actors: ReadonlyMap<string, Actor>;
}

export const EMPTY_STATE: State = {
  head: EMPTY_CHAIN,
  projects: new Map(),
  tokens: new Map(),
  people: new Map(),
  issuers: new Map(),
  actors: new Map(),
};

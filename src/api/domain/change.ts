/** What can happen to a control plane. The audit log is a list of these, and nothing else is kept. */

import type { SwitchOrder } from "../../base/order_words.ts";
import type { Place } from "./places.ts";
import type { RolloutChange } from "./rollout.ts";
import type { ValuesAction, VariantsChange } from "./variants.ts";

export const ROLES = ["reader", "writer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Where a role holds: everywhere, in one project, or in one environment of it. */
export interface Scope {
  readonly project: string | null;
  readonly environment: string | null;
}

/** What somebody may do, and where. */
export interface Grant extends Scope {
  readonly role: Role;
}

interface ProjectCreated {
  readonly kind: "project.created";
  readonly project: string;
}

interface EnvironmentCreated extends Place {
  readonly kind: "environment.created";
}

/** A record file, as a checkout pushed it. The server keeps its bytes under their digest. */
interface RecordPushed extends Place {
  readonly kind: "record.pushed";
  readonly generation: number;
  /** SHA-256 of the whole file, 64 hex digits. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** What each flag adds to a bundle, built by the server from sources that were pushed. It changes no flag. */
interface LedgerBuilt extends Place {
  readonly kind: "ledger.built";
  /** Of the record that it was built with. */
  readonly generation: number;
  /** SHA-256 of the ledger, 64 hex digits. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

interface OverrideSet extends Place {
  readonly kind: "override.set";
  readonly flag: string;
  readonly enabled: boolean;
  /** When it ends, in milliseconds since 1970; null until it is cleared. */
  readonly until: number | null;
  readonly reason: string;
}

/** The override's `until` has come. */
interface OverrideEnded extends Place {
  readonly kind: "override.ended";
  readonly flag: string;
}

/** What can be asked for, and done later. */
export type Action = SwitchOrder | ValuesAction;

/** From now on a change of a flag needs a second person, or no longer. */
interface RuleSet extends Place {
  readonly kind: "rule.set";
  readonly twoPersons: boolean;
  readonly reason: string;
}

interface EnvironmentFrozen extends Place {
  readonly kind: "environment.frozen";
  readonly reason: string;
}

interface EnvironmentThawed extends Place {
  readonly kind: "environment.thawed";
  readonly reason: string;
}

/** The row's sequence is its name. */
interface ScheduleCreated extends Place {
  readonly kind: "schedule.created";
  readonly action: Action;
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly reason: string;
  /** It was a change request, which somebody else approved. */
  readonly approved?: true;
}

interface ScheduleCancelled extends Place {
  readonly kind: "schedule.cancelled";
  readonly schedule: number;
  readonly reason: string;
}

/** Its time has come. What it does are the next rows; where it could not be done, why. */
interface ScheduleDone extends Place {
  readonly kind: "schedule.done";
  readonly schedule: number;
  readonly problem: string | null;
}

/** The row's sequence is its name. */
interface RequestOpened extends Place {
  readonly kind: "request.opened";
  readonly action: Action;
  /** When it is to be done, in milliseconds since 1970; null as soon as it is approved. */
  readonly at: number | null;
  readonly reason: string;
}

/** What it does are the next rows. */
interface RequestApproved extends Place {
  readonly kind: "request.approved";
  readonly request: number;
}

interface RequestRejected extends Place {
  readonly kind: "request.rejected";
  readonly request: number;
  readonly reason: string;
}

interface OverrideCleared extends Place {
  readonly kind: "override.cleared";
  readonly flag: string;
  readonly reason: string;
}

interface TokenCreated extends Scope {
  readonly kind: "token.created";
  readonly token: string;
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the secret, 64 hex digits. */
  readonly digest: string;
  /** In milliseconds since 1970; null for a token without an end. */
  readonly expires: number | null;
}

interface TokenRevoked {
  readonly kind: "token.revoked";
  readonly token: string;
}

/** Somebody who signs in, with passkeys or as a provider knows them. */
interface PersonCreated {
  readonly kind: "person.created";
  readonly person: string;
  readonly name: string;
  readonly grants: readonly Grant[];
}

/** A secret with which a person adds a passkey, or an identity of a provider, once. */
interface PersonInvited {
  readonly kind: "person.invited";
  readonly person: string;
  /** SHA-256 of the secret, 64 hex digits. */
  readonly digest: string;
  /** When it ends, in milliseconds since 1970. */
  readonly until: number;
}

interface PersonGranted {
  readonly kind: "person.granted";
  readonly person: string;
  /** In place of what was granted before. */
  readonly grants: readonly Grant[];
}

interface PersonRemoved {
  readonly kind: "person.removed";
  readonly person: string;
}

/** The invitation is used up by it. */
interface PasskeyAdded {
  readonly kind: "passkey.added";
  readonly person: string;
  /** The credential's id, as WebAuthn has it. */
  readonly passkey: string;
  /** COSE, in base64url. */
  readonly publicKey: string;
  readonly counter: number;
  /** The host name that it was made for (WebAuthn's RP ID). */
  readonly host: string;
}

interface PasskeyRemoved {
  readonly kind: "passkey.removed";
  readonly person: string;
  readonly passkey: string;
}

interface PersonSignedIn {
  readonly kind: "person.signed_in";
  readonly person: string;
  readonly passkey: string;
  /** How often the authenticator says that it was used; 0 from one that does not count. */
  readonly counter: number;
}

/** A provider of identities (OpenID Connect) knows the person so. The invitation is used up by it. */
interface IdentityAdded {
  readonly kind: "identity.added";
  readonly person: string;
  /** Of the issuer and the subject: SHA-256, 64 hex digits. */
  readonly identity: string;
  /** `iss` of the provider's tokens. */
  readonly issuer: string;
  /** `sub`: what the issuer calls the person, and nobody else, ever. */
  readonly subject: string;
}

interface IdentityRemoved {
  readonly kind: "identity.removed";
  readonly person: string;
  readonly identity: string;
}

interface IdentitySignedIn {
  readonly kind: "identity.signed_in";
  readonly person: string;
  readonly identity: string;
}

/** What a job may do whose token has all of these claims. */
export interface JobRule extends Grant {
  readonly claims: Readonly<{ [claim: string]: string }>;
}

/** Somebody who signs tokens of jobs, as CI systems do (OpenID Connect). */
interface IssuerAdded {
  readonly kind: "issuer.added";
  /** Its name here. */
  readonly issuer: string;
  /** `iss` of its tokens. */
  readonly url: string;
  /** Where its keys are. */
  readonly jwks: string;
  /** `aud` that its tokens must have. */
  readonly audience: string;
  readonly rules: readonly JobRule[];
}

interface IssuerRemoved {
  readonly kind: "issuer.removed";
  readonly issuer: string;
}

export type Change =
  | ProjectCreated
  | EnvironmentCreated
  | RecordPushed
  | LedgerBuilt
  | OverrideSet
  | OverrideCleared
  | OverrideEnded
  | RuleSet
  | EnvironmentFrozen
  | EnvironmentThawed
  | ScheduleCreated
  | ScheduleCancelled
  | ScheduleDone
  | RequestOpened
  | RequestApproved
  | RequestRejected
  | TokenCreated
  | TokenRevoked
  | PersonCreated
  | PersonInvited
  | PersonGranted
  | PersonRemoved
  | PasskeyAdded
  | PasskeyRemoved
  | PersonSignedIn
  | IdentityAdded
  | IdentityRemoved
  | IdentitySignedIn
  | IssuerAdded
  | IssuerRemoved
  | RolloutChange
  | VariantsChange;

/** A change that may be made, before it is a row of the log. */
export interface DecidedChange {
  readonly change: Change;
  /** The content that the change names by its digest. */
  readonly blob?: Uint8Array;
  /** What follows from it, in the same commit. */
  readonly consequences?: readonly Change[];
}

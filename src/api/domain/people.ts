/** Which changes of people a state allows. Pure: every function throws `Refusal`, or gives the change. */

import type { Change, DecidedChange, Grant } from "./change.ts";
import { findEnvironment, findProject } from "./decide.ts";
import { Refusal } from "./refusal.ts";
import type { Identity, Passkey, Person, State } from "./state.ts";

const PERSON_COUNT_MAX = 10_000;
const PASSKEY_COUNT_MAX = 16;
const IDENTITY_COUNT_MAX = 16;
/** Milliseconds that an invitation is good for. */
const INVITATION_MS = 3 * 24 * 60 * 60 * 1000;

export interface PersonWish {
  readonly name: string;
  readonly grants: readonly Grant[];
}

/** Who has just proved to have a new passkey. */
export type NewPasskey = Omit<Passkey, "created">;

/** Whom a provider of identities has just vouched for. */
export type ProvedIdentity = Omit<Identity, "created">;

/** @throws Refusal `not-found` */
export function findPerson(state: State, id: string): Person {
  const person = state.people.get(id);
  if (person === undefined) throw new Refusal("not-found", "there is no such person");
  return person;
}

/** @throws Refusal `not-found` where a project or environment is not there, `unprocessable` */
export function checkGrant(state: State, { project, environment }: Grant): void {
  if (project === null) {
    if (environment === null) return;
    throw new Refusal("unprocessable", "an environment needs its project");
  }
  if (environment === null) findProject(state, project);
  else findEnvironment(state, { project, environment });
}

/** @param digest of the secret with which the person adds the first passkey */
export function createPerson(
  state: State,
  person: string,
  { name, grants }: PersonWish,
  digest: string,
  now: number,
): DecidedChange {
  if (state.people.size >= PERSON_COUNT_MAX) {
    throw new Refusal("unprocessable", `a server knows at most ${PERSON_COUNT_MAX} people`);
  }
  for (const grant of grants) checkGrant(state, grant);
  const until = now + INVITATION_MS;
  return {
    change: { kind: "person.created", person, name, grants },
    consequences: [{ kind: "person.invited", person, digest, until }],
  };
}

export function invitePerson(state: State, id: string, digest: string, now: number): DecidedChange {
  const { id: person } = findPerson(state, id);
  return { change: { kind: "person.invited", person, digest, until: now + INVITATION_MS } };
}

export function grantPerson(state: State, id: string, grants: readonly Grant[]): DecidedChange {
  const { id: person } = findPerson(state, id);
  for (const grant of grants) checkGrant(state, grant);
  return { change: { kind: "person.granted", person, grants } };
}

export function removePerson(state: State, id: string): DecidedChange {
  return { change: { kind: "person.removed", person: findPerson(state, id).id } };
}

export function removePasskey(state: State, id: string, passkey: string): DecidedChange {
  const person = findPerson(state, id);
  if (!person.passkeys.has(passkey)) throw new Refusal("not-found", "there is no such passkey");
  return { change: { kind: "passkey.removed", person: person.id, passkey } };
}

/**
 * Whom a secret invites.
 *
 * @param digest of the secret
 * @throws Refusal `unauthorized`
 */
export function invited(state: State, digest: string, now: number): Person {
  for (const person of state.people.values()) {
    const { invitation } = person;
    if (invitation?.digest === digest && invitation.until > now) return person;
  }
  throw new Refusal("unauthorized", "this invitation was used, replaced or has run out");
}

/**
 * Adds a passkey, which uses up the invitation. The first token of a new server ends when somebody who
 * may do everything has a passkey.
 */
export function addPasskey(
  state: State,
  digest: string,
  { id: passkey, publicKey, counter, host }: NewPasskey,
  now: number,
): DecidedChange {
  const person = invited(state, digest, now);
  if (person.passkeys.size >= PASSKEY_COUNT_MAX) {
    throw new Refusal("unprocessable", `a person has at most ${PASSKEY_COUNT_MAX} passkeys`);
  }
  if (findPasskey(state, passkey) !== undefined) {
    throw new Refusal("exists", "this passkey is known already");
  }
  const { id } = person;
  return {
    change: { kind: "passkey.added", person: id, passkey, publicKey, counter, host },
    consequences: endOfFirstTokens(state, person),
  };
}

/**
 * Adds an identity of a provider, which uses up the invitation as a passkey does.
 *
 * @throws Refusal `unauthorized` for an invitation that is none; `exists` for whom the server knows already
 */
export function addIdentity(
  state: State,
  digest: string,
  { id: identity, issuer, subject }: ProvedIdentity,
  now: number,
): DecidedChange {
  const person = invited(state, digest, now);
  if (person.identities.size >= IDENTITY_COUNT_MAX) {
    throw new Refusal("unprocessable", `a person has at most ${IDENTITY_COUNT_MAX} identities`);
  }
  if (findByIdentity(state, identity) !== undefined) {
    throw new Refusal("exists", "this identity is known already");
  }
  return {
    change: { kind: "identity.added", person: person.id, identity, issuer, subject },
    consequences: endOfFirstTokens(state, person),
  };
}

/** @throws Refusal `unauthorized` for whom it is none of any more */
export function signInByIdentity(state: State, person: string, identity: string): DecidedChange {
  if (state.people.get(person)?.identities.has(identity) !== true) {
    throw new Refusal("unauthorized", "this identity was removed");
  }
  return { change: { kind: "identity.signed_in", person, identity } };
}

export function removeIdentity(state: State, id: string, identity: string): DecidedChange {
  const person = findPerson(state, id);
  if (!person.identities.has(identity)) {
    throw new Refusal("not-found", "there is no such identity");
  }
  return { change: { kind: "identity.removed", person: person.id, identity } };
}

export function findByIdentity({ people }: State, identity: string): Person | undefined {
  return people.values().find(({ identities }) => identities.has(identity));
}

export function signIn(
  state: State,
  { person, passkey }: { readonly person: string; readonly passkey: string },
  counter: number,
): DecidedChange {
  if (!findPerson(state, person).passkeys.has(passkey)) {
    throw new Refusal("unauthorized", "this passkey was removed");
  }
  return { change: { kind: "person.signed_in", person, passkey, counter } };
}

export function findPasskey(
  state: State,
  id: string,
): { readonly person: Person; readonly passkey: Passkey } | undefined {
  for (const person of state.people.values()) {
    const passkey = person.passkeys.get(id);
    if (passkey !== undefined) return { person, passkey };
  }
  return undefined;
}

function isServerAdmin({ role, project, environment }: Grant): boolean {
  return role === "admin" && project === null && environment === null;
}

/** What the server printed when it was new is no longer needed once an administrator can sign in. */
function endOfFirstTokens(state: State, { grants }: Person): Change[] {
  if (!grants.some(isServerAdmin)) return [];
  return firstTokens(state).map((token) => ({ kind: "token.revoked", token }));
}

/** The ids of what the server printed when it was new. */
function firstTokens({ tokens }: State): string[] {
  return [...tokens.values()].filter(({ actor }) => actor === "server").map(({ id }) => id);
}

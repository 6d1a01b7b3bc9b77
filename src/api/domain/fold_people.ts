/** What changes of tokens, people and issuers make of a state. Pure. */

import type { Folds } from "./fold.ts";
import { without } from "./fold_environment.ts";
import type { Actor, Person, State } from "./state.ts";

export const PEOPLE_FOLDS: Folds<
  | "token.created"
  | "token.revoked"
  | "person.created"
  | "person.invited"
  | "person.granted"
  | "person.removed"
  | "passkey.added"
  | "passkey.removed"
  | "person.signed_in"
  | "identity.added"
  | "identity.removed"
  | "identity.signed_in"
  | "issuer.added"
  | "issuer.removed"
> = {
  "token.created": (state, change, { time: created, actor }) => {
    const { token: id, name, role, digest, expires, project, environment } = change;
    const token = { id, name, role, digest, expires, project, environment, created, actor };
    const tokens = new Map(state.tokens).set(digest, token);
    return { ...withActor(state, `token:${id}`, { name, by: actor }), tokens };
  },
  "token.revoked": (state, change) => {
    const kept = [...state.tokens].filter(([, { id }]) => id !== change.token);
    return { ...state, tokens: new Map(kept) };
  },
  "person.created": (state, { person: id, name, grants }, { time: created, actor: by }) => {
    const ways = { passkeys: new Map(), identities: new Map() };
    const person = { id, name, grants, invitation: null, ...ways, created };
    const people = new Map(state.people).set(id, person);
    return { ...withActor(state, `person:${id}`, { name, by }), people };
  },
  "person.invited": (state, { person, digest, until }) =>
    withPerson(state, person, (old) => ({ ...old, invitation: { digest, until } })),
  "person.granted": (state, { person, grants }) =>
    withPerson(state, person, (old) => ({ ...old, grants })),
  "person.removed": (state, { person }) => ({ ...state, people: without(state.people, person) }),
  "passkey.added": (state, change, { time: created }) =>
    withPerson(state, change.person, (old) => {
      const { passkey: id, publicKey, counter, host } = change;
      const passkey = { id, publicKey, counter, host, created };
      return { ...old, invitation: null, passkeys: new Map(old.passkeys).set(id, passkey) };
    }),
  "passkey.removed": (state, { person, passkey }) =>
    withPerson(state, person, (old) => ({ ...old, passkeys: without(old.passkeys, passkey) })),
  "person.signed_in": (state, { person, passkey, counter }) =>
    withPerson(state, person, (old) => {
      const used = old.passkeys.get(passkey);
      if (used === undefined) return old;
      return { ...old, passkeys: new Map(old.passkeys).set(passkey, { ...used, counter }) };
    }),
  "identity.added": (state, change, { time: created }) =>
    withPerson(state, change.person, (old) => {
      const { identity: id, issuer, subject } = change;
      const identity = { id, issuer, subject, created };
      return { ...old, invitation: null, identities: new Map(old.identities).set(id, identity) };
    }),
  "identity.removed": (state, { person, identity }) =>
    withPerson(state, person, (old) => {
      return { ...old, identities: without(old.identities, identity) };
    }),
  "identity.signed_in": (state) => state,
  "issuer.added": (state, { issuer: name, url, jwks, audience, rules }) => {
    const issuer = { name, url, jwks, audience, rules };
    return { ...state, issuers: new Map(state.issuers).set(url, issuer) };
  },
  "issuer.removed": (state, change) => {
    const kept = [...state.issuers].filter(([, { name }]) => name !== change.issuer);
    return { ...state, issuers: new Map(kept) };
  },
};

function withActor(state: State, name: string, actor: Actor): State {
  return { ...state, actors: new Map(state.actors).set(name, actor) };
}

function withPerson(state: State, id: string, change: (old: Person) => Person): State {
  const old = state.people.get(id);
  if (old === undefined) return state;
  return { ...state, people: new Map(state.people).set(id, change(old)) };
}

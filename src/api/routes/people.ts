/** People, their roles, and the passkeys and identities with which they sign in. */

import * as v from "valibot";
import { newToken } from "../auth/tokens.ts";
import type { Grant } from "../domain/change.ts";
import {
  createPerson,
  findPerson,
  grantPerson,
  invitePerson,
  removeIdentity,
  removePasskey,
  removePerson,
} from "../domain/people.ts";
import type { Person } from "../domain/state.ts";
import { json } from "../http/answers.ts";
import { type Call, paramOf, removal, type Route, route } from "../http/route.ts";
import { Invitation, NewGrants, NewPerson, PersonView } from "../http/schemas.ts";

const PEOPLE_PATH = "/v1/people";
const PERSON_PATH = `${PEOPLE_PATH}/:person`;
const INVITATION_PREFIX = "imi_";

export const PEOPLE_ROUTES: readonly Route[] = [
  route({
    method: "GET",
    path: PEOPLE_PATH,
    summary: "List the people",
    role: "admin",
    status: 200,
    answer: {
      description: "With their roles, passkeys and identities",
      schema: v.object({ people: v.array(PersonView) }),
    },
    run: ({ state }) => json({ people: [...state.people.values()].map(viewOf) }),
  }),
  route({
    method: "POST",
    path: PEOPLE_PATH,
    summary: "Add a person, and invite them to add a passkey or an identity",
    isSecret: true,
    role: "admin",
    body: NewPerson,
    status: 201,
    answer: {
      description: "The person, with the invitation's secret this once",
      schema: v.object({ ...PersonView.entries, ...Invitation.entries }),
    },
    async run(call) {
      const { engine } = call.services;
      const { secret: invitation, digest } = newToken(INVITATION_PREFIX);
      const id = crypto.randomUUID();
      await call.change((state, now) => createPerson(state, id, call.body, digest, now));
      return json({ ...viewOf(findPerson(engine.state, id)), invitation }, 201);
    },
  }),
  route({
    method: "PUT",
    path: `${PERSON_PATH}/grants`,
    summary: "Say anew what a person may do",
    role: "admin",
    body: NewGrants,
    status: 200,
    answer: { description: "The person", schema: PersonView },
    async run(call) {
      const { engine } = call.services;
      await call.change((state) => grantPerson(state, idOf(call), call.body.grants));
      return json(viewOf(findPerson(engine.state, idOf(call))));
    },
  }),
  route({
    method: "POST",
    path: `${PERSON_PATH}/invitation`,
    summary:
      "Invite a person to add another passkey or identity; an invitation that was not used ends",
    isSecret: true,
    role: "admin",
    body: v.strictObject({}),
    status: 201,
    answer: { description: "The invitation's secret, this once", schema: Invitation },
    async run(call) {
      const { secret: invitation, digest } = newToken(INVITATION_PREFIX);
      await call.change((state, now) => invitePerson(state, idOf(call), digest, now));
      return json({ invitation }, 201);
    },
  }),
  removal({
    path: PERSON_PATH,
    summary: "Remove a person; their sessions end",
    done: "They cannot sign in any more",
    decide: (call, state) => removePerson(state, idOf(call)),
  }),
  removal({
    path: `${PERSON_PATH}/passkeys/:passkey`,
    summary: "Remove a passkey, which was lost; its sessions end",
    done: "Nobody can sign in with it any more",
    decide: (call, state) => removePasskey(state, idOf(call), paramOf(call, "passkey")),
  }),
  removal({
    path: `${PERSON_PATH}/identities/:identity`,
    summary: "Remove an identity of a provider; its sessions end",
    done: "Nobody can sign in with it any more",
    decide: (call, state) => removeIdentity(state, idOf(call), paramOf(call, "identity")),
  }),
];

/** A grant and nothing else of what holds it. */
export function grantView({ role, project, environment }: Grant): Grant {
  return { role, project, environment };
}

function idOf(call: Pick<Call, "params">): string {
  return paramOf(call, "person");
}

function viewOf(person: Person): v.InferOutput<typeof PersonView> {
  const { id, name, grants, invitation, passkeys, identities, created } = person;
  return {
    person: id,
    name,
    grants: grants.map(grantView),
    invitedUntil: invitation?.until ?? null,
    passkeys: [...passkeys.values()].map((passkey) => {
      return { passkey: passkey.id, host: passkey.host, created: passkey.created };
    }),
    identities: [...identities.values()].map(({ id: identity, ...rest }) => ({
      identity,
      ...rest,
    })),
    created,
  };
}

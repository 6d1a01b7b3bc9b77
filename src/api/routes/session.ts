/** Signing in at the dashboard with a passkey or a token, and out. */

import { sha256 } from "../../base/digest.ts";
import * as v from "valibot";
import type { Caller } from "../auth/callers.ts";
import { checkSite } from "../auth/sessions.ts";
import { addPasskey, invited, signIn } from "../domain/people.ts";
import { json } from "../http/answers.ts";
import { grantView } from "./people.ts";
import { callerOf, type Route, route } from "../http/route.ts";
import {
  Invited,
  PasskeyCreated,
  PasskeyOptions,
  PasskeySignIn,
  SessionView,
  SignIn,
} from "../http/schemas.ts";

const SESSION_PATH = "/v1/session";

/** What browsers write besides, and nobody asks about. */
const NOT_ASKED = { clientExtensionResults: {} };

export const SESSION_ROUTES: readonly Route[] = [
  route({
    method: "POST",
    isAttempt: true,
    path: SESSION_PATH,
    summary: "Sign in: exchange a token's secret for a cookie",
    role: null,
    body: SignIn,
    status: 200,
    answer: { description: "What the session may do", schema: SessionView },
    run(call) {
      checkSite(call.request);
      const { sessions, engine } = call.services;
      const proof = { kind: "token", digest: sha256(call.body.secret) } as const;
      return opened(sessions.open(engine.state, proof, call.now));
    },
  }),
  route({
    method: "POST",
    isAttempt: true,
    path: `${SESSION_PATH}/passkey/options`,
    summary: "Begin to sign in with a passkey: what the browser is to ask of it",
    role: null,
    body: v.strictObject({}),
    status: 200,
    answer: { description: "Options of WebAuthn", schema: PasskeyOptions },
    async run(call) {
      checkSite(call.request);
      return json(await call.services.passkeys.signIn(call.request, call.now));
    },
  }),
  route({
    method: "POST",
    isAttempt: true,
    path: `${SESSION_PATH}/passkey`,
    summary: "Sign in with a passkey's answer: exchange it for a cookie",
    role: null,
    body: PasskeySignIn,
    status: 200,
    answer: { description: "What the session may do", schema: SessionView },
    async run(call) {
      checkSite(call.request);
      const { sessions, engine, passkeys } = call.services;
      const { passkey } = call.body;
      const proved = await passkeys.signedIn(
        engine.state,
        { ...passkey, ...NOT_ASKED },
        call.request,
        call.now,
      );
      await engine.change(`person:${proved.person}`, (state) =>
        signIn(state, proved, proved.counter),
      );
      return opened(sessions.open(engine.state, { kind: "passkey", ...proved }, call.now));
    },
  }),
  route({
    method: "POST",
    isAttempt: true,
    path: `${SESSION_PATH}/invitation/options`,
    summary: "Begin to use an invitation: what the browser is to make a passkey with",
    role: null,
    body: Invited,
    status: 200,
    answer: { description: "Options of WebAuthn", schema: PasskeyOptions },
    async run(call) {
      checkSite(call.request);
      const { engine, passkeys } = call.services;
      const person = invited(engine.state, sha256(call.body.invitation), call.now);
      return json(await passkeys.creation(person, call.request, call.now));
    },
  }),
  route({
    method: "POST",
    isAttempt: true,
    path: `${SESSION_PATH}/invitation`,
    summary: "Use an invitation: add the passkey that was made, and sign in with it",
    role: null,
    body: PasskeyCreated,
    status: 200,
    answer: { description: "What the session may do", schema: SessionView },
    async run(call) {
      checkSite(call.request);
      const { sessions, engine, passkeys } = call.services;
      const digest = sha256(call.body.invitation);
      const person = invited(engine.state, digest, call.now);
      const answer = { ...call.body.passkey, ...NOT_ASKED };
      const made = await passkeys.created(person, answer, call.request, call.now);
      await engine.change(`person:${person.id}`, (state, now) =>
        addPasskey(state, digest, made, now),
      );
      const proof = { kind: "passkey", person: person.id, passkey: made.id } as const;
      return opened(sessions.open(engine.state, proof, call.now));
    },
  }),
  route({
    method: "GET",
    path: SESSION_PATH,
    summary: "Show what the caller may do",
    role: "any",
    status: 200,
    answer: { description: "The roles and where they hold", schema: SessionView },
    run: (call) => json(viewOf(callerOf(call))),
  }),
  route({
    method: "DELETE",
    path: SESSION_PATH,
    summary: "Sign out",
    role: null,
    status: 204,
    answer: { description: "The session is over" },
    run(call) {
      checkSite(call.request);
      const cookie = call.services.sessions.close(call.request);
      return new Response(null, { status: 204, headers: { "set-cookie": cookie } });
    },
  }),
];

function opened({ cookie, caller }: { cookie: string; caller: Caller }): Response {
  return json(viewOf(caller), 200, { "set-cookie": cookie });
}

function viewOf({ name, actor, grants }: Caller): v.InferOutput<typeof SessionView> {
  return { name, actor, grants: grants.map(grantView) };
}

/** Signing in at the dashboard with a token, and out. */

import { checkSite } from "../auth/sessions.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Token } from "../domain/state.ts";
import { json } from "../http/answers.ts";
import { type Route, route } from "../http/route.ts";
import { SessionView, SignIn } from "../http/schemas.ts";

const SESSION_PATH = "/v1/session";

export const SESSION_ROUTES: readonly Route[] = [
  route({
    method: "POST",
    path: SESSION_PATH,
    summary: "Sign in: exchange a token's secret for a cookie",
    role: null,
    body: SignIn,
    status: 200,
    answer: { description: "What the session may do", schema: SessionView },
    run(call) {
      checkSite(call.request);
      const { sessions, engine } = call.services;
      const { cookie, token } = sessions.open(engine.state, call.body.secret, call.now);
      return json(viewOf(token), 200, { "set-cookie": cookie });
    },
  }),
  route({
    method: "GET",
    path: SESSION_PATH,
    summary: "Show what the caller may do",
    role: "any",
    status: 200,
    answer: { description: "The token's role and where it holds", schema: SessionView },
    run({ token }) {
      if (token === undefined) throw new Refusal("unauthorized", "sign in first");
      return json(viewOf(token));
    },
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

function viewOf({ name, role, project, environment }: Token): {
  [Key in "name" | "role" | "project" | "environment"]: Token[Key];
} {
  return { name, role, project, environment };
}

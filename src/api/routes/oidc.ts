/** Signing in at a provider of identities (OpenID Connect). */

import { sha256 } from "../../base/digest.ts";
import { COOKIE_OVER, type Oidc, type Returned, RETURN_PATH, SignInFault } from "../auth/oidc.ts";
import { checkSite } from "../auth/sessions.ts";
import { addIdentity, invited, findByIdentity, signInByIdentity } from "../domain/people.ts";
import { Refusal } from "../domain/refusal.ts";
import { json, UNCACHED } from "../http/answers.ts";
import { type Call, type Route, route } from "../http/route.ts";
import { OidcReturn, OidcSignIn, OidcStart, OidcView } from "../http/schemas.ts";

const OIDC_PATH = "/v1/session/oidc";

export const OIDC_ROUTES: readonly Route[] = [
  route({
    method: "GET",
    path: OIDC_PATH,
    summary: "Show at which provider people may sign in",
    role: null,
    status: 200,
    answer: { description: "Its host, where there is one", schema: OidcView },
    run: ({ services }) => json({ host: services.oidc?.host ?? null }),
  }),
  route({
    method: "POST",
    isAttempt: true,
    path: OIDC_PATH,
    summary: "Begin to sign in at the provider, or to use an invitation there",
    role: null,
    body: OidcSignIn,
    status: 200,
    answer: { description: "Where the browser is to go", schema: OidcStart },
    async run(call) {
      checkSite(call.request);
      const { engine } = call.services;
      const { invitation } = call.body;
      const digest = invitation === undefined ? undefined : sha256(invitation);
      const oidc = oidcOf(call);
      if (digest !== undefined) invited(engine.state, digest, call.now);
      const { url, cookie } = await oidc.begin(digest, call.now);
      return json({ url }, 200, { "set-cookie": cookie });
    },
  }),
  route({
    method: "GET",
    isAttempt: true,
    path: RETURN_PATH,
    summary:
      "Come back from the provider: a cookie, and on to the page, which says what went wrong",
    role: null,
    query: OidcReturn,
    status: 303,
    answer: { description: "To the page" },
    async run(call) {
      const oidc = oidcOf(call);
      try {
        const returned = await oidc.finish(call.request, call.query.state, call.now);
        return toPage("", await openSession(call, returned));
      } catch (error) {
        if (error instanceof SignInFault) return toPage(`#sign-in=${error.reason}`);
        if (!(error instanceof Refusal)) throw error;
        if (error.problem === "unavailable") return toPage("#sign-in=unproved");
        return toPage(error.problem === "exists" ? "#sign-in=known" : "#sign-in=unknown");
      }
    },
  }),
];

function oidcOf({ services }: Pick<Call, "services">): Oidc {
  if (services.oidc !== undefined) return services.oidc;
  throw new Refusal("not-found", "this server has no provider to sign in at");
}

/** @returns the session's cookie */
async function openSession(call: Call, { identity, invitation }: Returned): Promise<string> {
  const { engine, sessions } = call.services;
  const { id } = identity;
  const owner =
    invitation === undefined
      ? findByIdentity(engine.state, id)
      : invited(engine.state, invitation, call.now);
  if (owner === undefined) throw new Refusal("unauthorized", "nobody here is known so");
  await engine.change(`person:${owner.id}`, (state, now) =>
    invitation === undefined
      ? signInByIdentity(state, owner.id, id)
      : addIdentity(state, invitation, identity, now),
  );
  const proof = { kind: "identity", person: owner.id, identity: id } as const;
  return sessions.open(engine.state, proof, call.now).cookie;
}

/** Nothing that anybody sent is in the address: it is one of the server's own words. */
function toPage(fragment: string, session?: string): Response {
  const headers = new Headers({
    location: `/${fragment}`,
    ...UNCACHED,
    "referrer-policy": "no-referrer",
  });
  // Whom another site has sent here may still come back from the provider.
  if (fragment !== "#sign-in=ended") headers.append("set-cookie", COOKIE_OVER);
  if (session !== undefined) headers.append("set-cookie", session);
  return new Response(null, { status: 303, headers });
}

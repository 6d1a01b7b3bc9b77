/** Whose tokens jobs may come with, and what they may do then. */

import * as v from "valibot";
import { checkGrant } from "../domain/people.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Issuer } from "../domain/state.ts";
import { json } from "../http/answers.ts";
import { paramOf, removal, type Route, route } from "../http/route.ts";
import { IssuerView, NewIssuer } from "../http/schemas.ts";

const ISSUERS_PATH = "/v1/issuers";
const ISSUER_COUNT_MAX = 64;

export const ISSUER_ROUTES: readonly Route[] = [
  route({
    method: "GET",
    path: ISSUERS_PATH,
    summary: "List the issuers whose tokens are believed",
    role: "admin",
    status: 200,
    answer: {
      description: "With what their jobs may do",
      schema: v.object({ issuers: v.array(IssuerView) }),
    },
    run: ({ state }) => json({ issuers: [...state.issuers.values()].map(viewOf) }),
  }),
  route({
    method: "POST",
    path: ISSUERS_PATH,
    summary: "Believe the tokens of an issuer (OpenID Connect): a CI job comes with its own",
    role: "admin",
    body: NewIssuer,
    status: 201,
    answer: { description: "The issuer", schema: IssuerView },
    async run(call) {
      const { body } = call;
      await call.change((state) => {
        for (const { name, url } of state.issuers.values()) {
          if (name !== body.issuer && url !== body.url) continue;
          throw new Refusal("exists", "an issuer of that name or address is there already");
        }
        if (state.issuers.size >= ISSUER_COUNT_MAX) {
          throw new Refusal(
            "unprocessable",
            `a server believes at most ${ISSUER_COUNT_MAX} issuers`,
          );
        }
        for (const rule of body.rules) checkGrant(state, rule);
        return { change: { kind: "issuer.added", ...body } };
      });
      const { issuer: name, ...rest } = body;
      return json(viewOf({ name, ...rest }), 201);
    },
  }),
  removal({
    path: `${ISSUERS_PATH}/:issuer`,
    summary: "Believe an issuer no longer",
    done: "Its tokens are refused from now on",
    decide(call, { issuers }) {
      const issuer = paramOf(call, "issuer");
      if (!issuers.values().some(({ name }) => name === issuer)) {
        throw new Refusal("not-found", "there is no such issuer");
      }
      return { change: { kind: "issuer.removed", issuer } };
    },
  }),
];

function viewOf({ name, url, jwks, audience, rules }: Issuer): v.InferOutput<typeof IssuerView> {
  return { issuer: name, url, jwks, audience, rules: [...rules] };
}

/** Tokens, the audit log, and whether the server is well. */

import * as v from "valibot";
import { newToken } from "../auth/tokens.ts";
import { checkGrant } from "../domain/people.ts";
import { Refusal } from "../domain/refusal.ts";
import type { State, Token } from "../domain/state.ts";
import { json } from "../http/answers.ts";
import { paramOf, removal, type Route, route } from "../http/route.ts";
import { AuditEntry, Health, NewTokenBody, TokenView } from "../http/schemas.ts";

const Whole = v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number));
/** Rows in one answer. */
const AUDIT_LIMIT_MAX = 1000;

export const ADMIN_ROUTES: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/health",
    summary: "Whether the server answers, and how far its log has come",
    role: null,
    status: 200,
    answer: { description: "It is well", schema: Health },
    run({ state, services: { nats } }) {
      const broker =
        nats === undefined
          ? {}
          : { nats: { connected: nats.isConnected, waiting: nats.waitingCount } };
      return json({ status: "ok", sequence: state.head.sequence, ...broker });
    },
  }),
  route({
    method: "GET",
    path: "/metrics",
    summary: "Metrics in the format of Prometheus",
    role: "reader",
    status: 200,
    answer: { description: "Counters, histograms and gauges", contentType: "text/plain" },
    run: ({ services }) => services.metrics.render(),
  }),
  route({
    method: "GET",
    path: "/v1/audit",
    summary: "Read the audit log, from the row after a sequence",
    role: "admin",
    query: v.strictObject({ after: v.optional(Whole, "0"), limit: v.optional(Whole, "100") }),
    status: 200,
    answer: { description: "Rows in order", schema: v.object({ rows: v.array(AuditEntry) }) },
    async run({ query, services }) {
      const limit = Math.min(query.limit, AUDIT_LIMIT_MAX);
      return json({ rows: await services.engine.store.rows(query.after, limit) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/tokens",
    summary: "List the tokens",
    role: "admin",
    status: 200,
    answer: {
      description: "Without their secrets, which nobody knows",
      schema: v.object({ tokens: v.array(TokenView) }),
    },
    run: ({ state }) => json({ tokens: [...state.tokens.values()].map(viewOf) }),
  }),
  route({
    method: "POST",
    path: "/v1/tokens",
    summary: "Create a token",
    isSecret: true,
    role: "admin",
    body: NewTokenBody,
    status: 201,
    answer: {
      description: "The token, with its secret this once",
      schema: v.object({ ...TokenView.entries, secret: v.string() }),
    },
    async run(call) {
      const { engine } = call.services;
      const { id, secret, digest } = newToken();
      await call.change((state, now) => {
        checkToken(state, call.body, now);
        return { change: { kind: "token.created", token: id, digest, ...call.body } };
      });
      const token = engine.state.tokens.get(digest);
      if (token === undefined) throw new Error("the new token is not there");
      return json({ ...viewOf(token), secret }, 201);
    },
  }),
  removal({
    path: "/v1/tokens/:token",
    summary: "Revoke a token",
    done: "Nobody can use it any more",
    decide(call, { tokens }) {
      const token = paramOf(call, "token");
      if (!tokens.values().some(({ id }) => id === token)) {
        throw new Refusal("not-found", "there is no such token");
      }
      return { change: { kind: "token.revoked", token } };
    },
  }),
];

function checkToken(state: State, wish: v.InferOutput<typeof NewTokenBody>, now: number): void {
  if (wish.expires !== null && wish.expires <= now) {
    throw new Refusal("unprocessable", "its end (`expires`) must lie ahead");
  }
  checkGrant(state, wish);
}

function viewOf(token: Token): v.InferOutput<typeof TokenView> {
  const { id, name, role, project, environment, expires, created } = token;
  return { token: id, name, role, project, environment, expires, created };
}

/** What a handler is given, out of a request: checked, or refused. */

import * as v from "valibot";
import { authorize, type Caller, callerOfToken } from "../auth/callers.ts";
import { tokenOfTicket } from "../auth/tickets.ts";
import { isJwt } from "../auth/jobs.ts";
import { credentialOf, secretIn } from "../auth/tokens.ts";
import type { Scope } from "../domain/change.ts";
import { Refusal } from "../domain/refusal.ts";
import { urlOf } from "../request_url.ts";
import { readVersionTag } from "./answers.ts";
import type { Call, Route } from "./route.ts";
import { readStream } from "../../base/read_stream.ts";
import { PLACE_NAME } from "../../base/place_name.ts";
import type { Services } from "./services.ts";

/** Bytes of a JSON body. */
const JSON_SIZE_MAX = 64 * 1024;

/**
 * All but the body; without a promise where nobody has to be asked who the caller is.
 *
 * @param address of who asks, for what is bounded by it
 * @throws Refusal
 */
export function readCall(
  row: Route,
  request: Bun.BunRequest,
  server: Bun.Server<undefined>,
  services: Services,
  address: string | undefined,
): Call | Promise<Call> {
  const arrived: Arrived = {
    services,
    state: services.engine.state,
    params: readParams(request),
    now: services.now(),
    request,
    server,
  };
  if (row.isAttempt === true && address !== undefined) services.limits.attempt(address);
  const caller = admitOrCount(row, arrived, address);
  return caller instanceof Promise
    ? caller.then((late) => finish(row, arrived, late))
    : finish(row, arrived, caller);
}

/** What is known before anybody has asked who the caller is. */
type Arrived = Pick<Call, "services" | "state" | "params" | "now" | "request" | "server">;

function finish(row: Route, arrived: Arrived, caller: Caller | undefined): Call {
  const { services, state, params, now, request, server } = arrived;
  const query = row.query === undefined ? undefined : readQuery(row, row.query, request);
  const version = row.precondition === true ? readVersionTag(request.headers.get("if-match")) : 0;
  return {
    services,
    state,
    caller,
    params,
    query,
    body: undefined,
    version,
    now,
    request,
    server,
    change: readsOnly,
  };
}

function readsOnly(): never {
  throw new Error("a route that only reads made a change");
}

/** Who has no good token has a few tries, so that nobody keeps the server busy by guessing. */
function admitOrCount(
  row: Route,
  arrived: Arrived,
  address: string | undefined,
): Caller | undefined | Promise<Caller> {
  try {
    const caller = admit(row, arrived);
    if (!(caller instanceof Promise)) return caller;
    return caller.catch((error: unknown) => {
      count(error, arrived.services, address);
      throw error;
    });
  } catch (error) {
    count(error, arrived.services, address);
    throw error;
  }
}

function count(error: unknown, { limits }: Services, address: string | undefined): void {
  if (!(error instanceof Refusal) || address === undefined) return;
  // Also where an issuer's keys do not come: a token that nobody can check is no better than a wrong one.
  if (error.problem === "unauthorized" || error.problem === "unavailable") limits.attempt(address);
}

function admit(
  { role, takesTicket }: Route,
  arrived: Arrived,
): Caller | undefined | Promise<Caller> {
  if (role === null) return undefined;
  const { params, state, request, now } = arrived;
  const scope = scopeOf(params);
  const ticket = takesTicket === true ? urlOf(request).searchParams.get("ticket") : null;
  if (ticket !== null) return callerOfToken(tokenOfTicket(state, ticket, scope, now));
  const caller = callerOfRequest(arrived);
  if (role === "any") return caller;
  return caller instanceof Promise
    ? caller.then((late) => authorize(late, role, scope))
    : authorize(caller, role, scope);
}

/** Where a caller needs the role that a route names. */
export function scopeOf(params: Call["params"]): Scope {
  return { project: params["project"] ?? null, environment: params["environment"] ?? null };
}

/** By a token of ours or of an issuer that is trusted, or by a session. */
function callerOfRequest({ request, services, state, now }: Arrived): Caller | Promise<Caller> {
  const { sessions, tokens, jobs } = services;
  const credential = credentialOf(request.headers);
  if (credential === undefined) return sessions.caller(state, request, now);
  const seen = tokens.find(state, credential, now);
  if (seen !== undefined) return callerOfToken(seen);
  const secret = secretIn(credential);
  if (isJwt(secret)) return jobs.caller(state, secret, now);
  return callerOfToken(tokens.check(state, credential, now));
}

/** Names that no project can have are refused here, so that no handler meets `..` or `__proto__`. */
function readParams(request: Bun.BunRequest): Call["params"] {
  const params: Call["params"] = request.params;
  checkName("project", params["project"]);
  checkName("environment", params["environment"]);
  return params;
}

function checkName(key: string, value: string | undefined): void {
  if (value !== undefined && !PLACE_NAME.test(value)) {
    throw new Refusal("not-found", `there is no ${key} of that name`);
  }
}

/** What a schema makes of no query at all, by the route. */
const emptyQueries = new WeakMap<Route, unknown>();

function readQuery(row: Route, schema: v.GenericSchema, request: Request): unknown {
  if (request.url.includes("?")) {
    return parse(schema, Object.fromEntries(urlOf(request).searchParams), "the query");
  }
  const known = emptyQueries.get(row);
  if (known !== undefined) return known;
  const output = parse(schema, {}, "the query");
  emptyQueries.set(row, output);
  return output;
}

/**
 * @param use is given the body as soon as it is there: a promise less for each request
 * @throws Refusal
 */
export function withBody<Result>(
  body: NonNullable<Route["body"]>,
  request: Request,
  use: (body: unknown) => Result | Promise<Result>,
): Promise<Result> {
  return body === "bytes"
    ? request.arrayBuffer().then((bytes) => use(new Uint8Array(bytes)), refuseTorn)
    : boundedText(request).then((text) => use(readText(body, text)), refuseTorn);
}

/** Who goes away in the middle of it hears nothing of this, and is no fault of the server. */
function refuseTorn(error: unknown): never {
  if (error instanceof Refusal) throw error;
  throw new Refusal("bad-request", "the body did not come to its end");
}

/** What is too large is not waited for: anybody may send it, and many at once. */
function boundedText(request: Request): Promise<string> {
  const length = request.headers.get("content-length");
  if (length === null) {
    return readStream(request.body, JSON_SIZE_MAX, tooLarge).then(String);
  }
  return Number(length) <= JSON_SIZE_MAX ? request.text() : Promise.reject(tooLarge());
}

function tooLarge(): Refusal {
  return new Refusal("too-large", `a body of JSON is at most ${JSON_SIZE_MAX} bytes`);
}

function readText(body: "text" | v.GenericSchema, text: string): unknown {
  if (body === "text") return text;
  return parse(body, parseJson(text), "the body");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal("bad-request", "the body is no JSON");
  }
}

/** The message names the member and the rule, and says nothing of what was sent. */
function parse(schema: v.GenericSchema, value: unknown, what: string): unknown {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  const where = path === null ? what : `${path} in ${what}`;
  throw new Refusal("unprocessable", `${where}${ruleText(issue)}`);
}

/** valibot's own words are those of a type. */
function ruleText({ type, expected, received }: v.BaseIssue<unknown>): string {
  if (expected === "never") return " is not known here";
  if (received === "undefined") return " is missing";
  const isLength = type === "min_length" || type === "max_length";
  return `: expected ${isLength ? "a length of " : ""}${expected ?? "another value"}`;
}

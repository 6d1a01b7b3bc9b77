/** What a handler is given, out of a request: checked, or refused. */

import * as v from "valibot";
import { authorize, type Caller, callerOfToken } from "../auth/callers.ts";
import { tokenOfTicket } from "../auth/tickets.ts";
import { isJwt } from "../auth/jobs.ts";
import { secretOf } from "../auth/tokens.ts";
import { Refusal } from "../domain/refusal.ts";
import { readVersionTag } from "./answers.ts";
import type { Call, Route } from "./route.ts";
import { NAME_PATTERN } from "./schemas.ts";
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
  const { state } = services.engine;
  const now = services.now();
  const params = readParams(request);
  if (row.isAttempt === true && address !== undefined) services.limits.attempt(address);
  const finish = (caller: Caller | undefined): Call => {
    const query = row.query === undefined ? undefined : readQuery(row, row.query, request.url);
    const version = row.precondition === true ? readVersionTag(request.headers.get("if-match")) : 0;
    const keepOpen = (): void => server.timeout(request, 0);
    const body = undefined;
    return { services, state, caller, params, query, body, version, now, request, keepOpen };
  };
  const caller = admitOrCount(row, request, params, services, address);
  return caller instanceof Promise ? caller.then(finish) : finish(caller);
}

/** Who has no good token has a few tries, so that nobody keeps the server busy by guessing. */
function admitOrCount(
  row: Route,
  request: Request,
  params: Call["params"],
  services: Services,
  address: string | undefined,
): Caller | undefined | Promise<Caller> {
  const count = (error: unknown): never => {
    if (error instanceof Refusal && error.problem === "unauthorized" && address !== undefined) {
      services.limits.attempt(address);
    }
    throw error;
  };
  try {
    const caller = admit(row, request, params, services);
    return caller instanceof Promise ? caller.catch(count) : caller;
  } catch (error) {
    return count(error);
  }
}

function admit(
  { role, takesTicket }: Route,
  request: Request,
  params: Call["params"],
  services: Services,
): Caller | undefined | Promise<Caller> {
  if (role === null) return undefined;
  const scope = {
    project: params["project"] ?? null,
    environment: params["environment"] ?? null,
  };
  const { state } = services.engine;
  const ticket = takesTicket === true ? new URL(request.url).searchParams.get("ticket") : null;
  if (ticket !== null) return callerOfToken(tokenOfTicket(state, ticket, scope, services.now()));
  const check = (caller: Caller): Caller => {
    if (role !== "any") authorize(caller, role, scope);
    return caller;
  };
  const caller = callerOfRequest(request, services);
  return caller instanceof Promise ? caller.then(check) : check(caller);
}

/** By a token of ours or of an issuer that is trusted, or by a session. */
function callerOfRequest(
  request: Request,
  { engine, sessions, tokens, jobs, now }: Services,
): Caller | Promise<Caller> {
  const { state } = engine;
  const { headers } = request;
  const seen = tokens.find(state, headers, now());
  if (seen !== undefined) return callerOfToken(seen);
  const secret = secretOf(headers);
  if (secret === undefined) return sessions.caller(state, request, now());
  if (isJwt(secret)) return jobs.caller(state, secret, now());
  return callerOfToken(tokens.check(state, headers, secret, now()));
}

/** Names that no project can have are refused here, so that no handler meets `..` or `__proto__`. */
function readParams(request: Bun.BunRequest): Call["params"] {
  const params: Call["params"] = request.params;
  checkName("project", params["project"]);
  checkName("environment", params["environment"]);
  return params;
}

function checkName(key: string, value: string | undefined): void {
  if (value !== undefined && !NAME_PATTERN.test(value)) {
    throw new Refusal("not-found", `there is no ${key} of that name`);
  }
}

/** What a schema makes of no query at all, by the route. */
const emptyQueries = new WeakMap<Route, unknown>();

function readQuery(row: Route, schema: v.GenericSchema, url: string): unknown {
  if (url.includes("?")) {
    return parse(schema, Object.fromEntries(new URL(url).searchParams), "the query");
  }
  const known = emptyQueries.get(row);
  if (known !== undefined) return known;
  const output = parse(schema, {}, "the query");
  emptyQueries.set(row, output);
  return output;
}

/** @throws Refusal */
export async function readBody(
  body: NonNullable<Route["body"]>,
  request: Request,
): Promise<unknown> {
  if (body === "bytes") return new Uint8Array(await request.arrayBuffer());
  const text = await request.text();
  if (text.length > JSON_SIZE_MAX) {
    throw new Refusal("too-large", `a body of JSON is at most ${JSON_SIZE_MAX} bytes`);
  }
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
  throw new Refusal("unprocessable", `${where}: expected ${issue.expected ?? "another value"}`);
}

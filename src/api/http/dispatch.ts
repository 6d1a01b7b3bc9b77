/** From the table of routes to the routes of `Bun.serve`. */

import * as v from "valibot";
import { tokenOfTicket } from "../auth/tickets.ts";
import { isJwt } from "../auth/jobs.ts";
import { authorize, type Caller, callerOfToken } from "../auth/callers.ts";
import { findToken, secretOf } from "../auth/tokens.ts";
import { Refusal } from "../domain/refusal.ts";
import { FAULT_DETAIL, problem, problemOf, readVersionTag } from "./answers.ts";
import { addressOf, isLoopback } from "./rate_limits.ts";
import { type Call, isChange, type Method, type Route } from "./route.ts";
import { Name } from "./schemas.ts";
import type { Services } from "./services.ts";

type Handler = (request: Bun.BunRequest, server: Bun.Server<undefined>) => Promise<Response>;

/** What a page of another origin may send; a day is as long as browsers remember it. */
const PREFLIGHT = {
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "authorization, x-api-key, content-type, if-none-match",
  "access-control-max-age": "86400",
};

/** Bytes of a JSON body. */
const JSON_SIZE_MAX = 64 * 1024;

/** Every path of the table, with an answer for each method. */
export function bunRoutes(
  table: readonly Route[],
  services: Services,
): { [path: string]: Handler } {
  const handlers: { [path: string]: Handler } = {};
  for (const [path, rows] of Map.groupBy(table, (row) => row.path)) {
    const byMethod = new Map(rows.map((row) => [row.method, row]));
    handlers[path] = (request, server) => answer(byMethod, path, request, server, services);
  }
  return handlers;
}

async function answer(
  rows: ReadonlyMap<Method, Route>,
  path: string,
  request: Bun.BunRequest,
  server: Bun.Server<undefined>,
  services: Services,
): Promise<Response> {
  const start = performance.now();
  const isCrossOrigin = [...rows.values()].some((row) => row.crossOrigin === true);
  const requestId = crypto.randomUUID();
  const { method } = request;
  let caller: string | undefined;
  let response: Response;
  try {
    const row = rows.get(method as Method);
    if (method === "OPTIONS" && isCrossOrigin) {
      response = new Response(null, { status: 204, headers: PREFLIGHT });
    } else if (row === undefined) {
      const allow = [...rows.keys()].join(", ");
      response = problem("method-not-allowed", `this takes ${allow}`, { allow });
    } else {
      const address = peerOf(request, server);
      if (address !== undefined) services.limits.request(address);
      const call = await readCall(row, request, services, address);
      // What a job is called is in the audit log.
      caller = call.caller?.actor.split(":", 2).join(":");
      response = await run(row, { ...call, keepOpen: () => server.timeout(request, 0) });
    }
  } catch (error) {
    response = problemOf(error);
    if (response.status >= 500) services.log.fault(requestId, error);
    if (response.status === 500)
      response = rows.get(method as Method)?.faulty?.(FAULT_DETAIL) ?? response;
  }
  response.headers.set("x-request-id", requestId);
  if (isCrossOrigin) {
    response.headers.set("access-control-allow-origin", "*");
    response.headers.set("access-control-expose-headers", "etag, retry-after");
  }
  const duration = performance.now() - start;
  const { status } = response;
  services.metrics.observe(method, path, status, duration / 1000);
  services.log.request({ requestId, method, route: path, status, duration, caller });
  return response;
}

/** A change is counted, and one that is sent again with its key is not made again. */
async function run(row: Route, call: Call): Promise<Response> {
  const { services, caller, request, body, now } = call;
  if (caller === undefined || !isChange(row)) return row.run(call);
  services.limits.change(caller.actor);
  const key = request.headers.get("idempotency-key");
  if (key === null) return row.run(call);
  const { method, url, headers } = request;
  const sent = body instanceof Uint8Array ? Bun.hash(body).toString() : body;
  const what = [method, url, headers.get("if-match"), sent];
  return services.idempotency.once({ actor: caller.actor, key, what }, now, async () =>
    row.run(call),
  );
}

function peerOf(request: Request, server: Bun.Server<undefined>): string | undefined {
  const forwarded = request.headers.get("x-forwarded-for");
  // Asking for the address costs as much as answering: where all come from this machine, nobody asks.
  const { hostname = "" } = server;
  const peer = isLoopback(hostname) ? hostname : (server.requestIP(request)?.address ?? "");
  return addressOf(peer, forwarded);
}

async function readCall(
  row: Route,
  request: Bun.BunRequest,
  services: Services,
  address: string | undefined,
): Promise<Omit<Call, "keepOpen">> {
  const { state } = services.engine;
  const now = services.now();
  const params = readParams(request);
  if (row.isAttempt === true && address !== undefined) services.limits.attempt(address);
  const caller = await admitOrCount(row, request, params, services, address);
  const query =
    row.query === undefined ? undefined : parse(row.query, readQuery(request.url), "the query");
  const version = row.precondition === true ? readVersionTag(request.headers.get("if-match")) : 0;
  const body = await readBody(row, request);
  return { services, state, caller, params, query, body, version, now, request };
}

/** Who has no good token has a few tries, so that nobody keeps the server busy by guessing. */
async function admitOrCount(
  row: Route,
  request: Request,
  params: Call["params"],
  services: Services,
  address: string | undefined,
): Promise<Caller | undefined> {
  try {
    return await admit(row, request, params, services);
  } catch (error) {
    if (error instanceof Refusal && error.problem === "unauthorized" && address !== undefined) {
      services.limits.attempt(address);
    }
    throw error;
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
  { engine, sessions, jobs, now }: Services,
): Caller | Promise<Caller> {
  const secret = secretOf(request.headers);
  if (secret === undefined) return sessions.caller(engine.state, request, now());
  return isJwt(secret)
    ? jobs.caller(engine.state, secret, now())
    : callerOfToken(findToken(engine.state, secret, now()));
}

/** Names that no project can have are refused here, so that no handler meets `..` or `__proto__`. */
function readParams(request: Bun.BunRequest): Call["params"] {
  const params: Call["params"] = request.params;
  for (const key of ["project", "environment"]) {
    const value = params[key];
    if (value !== undefined && !v.is(Name, value)) {
      throw new Refusal("not-found", `there is no ${key} of that name`);
    }
  }
  return params;
}

function readQuery(url: string): { [name: string]: string } {
  return Object.fromEntries(new URL(url).searchParams);
}

async function readBody({ body }: Route, request: Request): Promise<unknown> {
  if (body === undefined) return undefined;
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

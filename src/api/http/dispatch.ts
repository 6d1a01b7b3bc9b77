/** From the table of routes to the routes of `Bun.serve`. */

import { sha256 } from "../../base/digest.ts";
import { isThisMachine } from "../../base/text.ts";
import { authorize, type Caller } from "../auth/callers.ts";
import type { Claim } from "../db/store.ts";
import { urlOf } from "../request_url.ts";
import type { RouteTimes } from "../route_times.ts";
import { FAULT_DETAIL, problem, problemOf } from "./answers.ts";
import { addressOf } from "./rate_limits.ts";
import { readCall, scopeOf, withBody } from "./read_call.ts";
import { type Call, isChange, type Route } from "./route.ts";
import type { Services } from "./services.ts";

type Handler = (
  request: Bun.BunRequest,
  server: Bun.Server<undefined>,
) => Response | Promise<Response>;

/** What a page of another origin may send; a day is as long as browsers remember it. */
const PREFLIGHT = {
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "authorization, x-api-key, content-type, if-none-match",
  "access-control-max-age": "86400",
};

/** Of one path: what its requests need again and again. */
interface Path {
  readonly rows: ReadonlyMap<string, Route>;
  readonly path: string;
  readonly isCrossOrigin: boolean;
  /** What the server listens on, where that is of this machine alone. */
  readonly local: string | undefined;
  readonly times: RouteTimes;
}

/**
 * Every path of the table, with an answer for each method.
 *
 * @param hostname on which the server listens
 */
export function bunRoutes(
  table: readonly Route[],
  services: Services,
  hostname: string,
): { [path: string]: Handler } {
  // Asking for the address costs as much as answering: where all come from this machine, nobody asks.
  const local = isThisMachine(hostname) ? hostname : undefined;
  const handlers: { [path: string]: Handler } = {};
  for (const [path, list] of Map.groupBy(table, (row) => row.path)) {
    const rows = new Map<string, Route>(list.map((row) => [row.method, row]));
    const get = rows.get("GET");
    // RFC 9110, 9.1: who may ask for a thing may ask for its headers alone; Bun leaves the body out.
    if (get !== undefined) rows.set("HEAD", get);
    const isCrossOrigin = list.some((row) => row.crossOrigin === true);
    const one = { rows, path, isCrossOrigin, local, times: services.metrics.route(path) };
    handlers[path] = (request, server) => answer(one, request, server, services);
  }
  return handlers;
}

/** One request on its way to its answer. */
interface Exchange {
  readonly at: Path;
  readonly request: Bun.BunRequest;
  readonly services: Services;
  /** Milliseconds. */
  readonly start: number;
  /** Nothing where the method is not in the table. */
  readonly row: Route | undefined;
  /** As the audit log names them. */
  caller?: string | undefined;
}

/** Without a promise where nothing has to be waited for: that is a third of what a read costs. */
function answer(
  at: Path,
  request: Bun.BunRequest,
  server: Bun.Server<undefined>,
  services: Services,
): Response | Promise<Response> {
  const row = at.rows.get(request.method);
  const exchange: Exchange = { at, request, services, start: performance.now(), row };
  try {
    const response = respond(exchange, server);
    if (response instanceof Response) return finish(exchange, response);
    return response.then(
      (late) => finish(exchange, late),
      (error: unknown) => fail(exchange, error),
    );
  } catch (error) {
    return fail(exchange, error);
  }
}

function respond(exchange: Exchange, server: Bun.Server<undefined>): Response | Promise<Response> {
  const { at, request, row, services } = exchange;
  if (row !== undefined) {
    const address = peerOf(at, request, server);
    if (address !== undefined) services.limits.request(address);
    const { engine } = services;
    if (!engine.isShared || !isChange(row)) return admit(exchange, row, server, address);
    // Who may ask for a change, and what it is made to, is what every server on the database knows.
    return engine.refresh().then(() => admit(exchange, row, server, address));
  }
  if (request.method === "OPTIONS" && at.isCrossOrigin) {
    return new Response(null, { status: 204, headers: PREFLIGHT });
  }
  const allow = [...at.rows.keys()].join(", ");
  return problem("method-not-allowed", `this takes ${allow}`, { allow });
}

function admit(
  exchange: Exchange,
  row: Route,
  server: Bun.Server<undefined>,
  address: string | undefined,
): Response | Promise<Response> {
  const call = readCall(row, exchange.request, server, exchange.services, address);
  return call instanceof Promise
    ? call.then((late) => handle(exchange, row, late))
    : handle(exchange, row, call);
}

function handle(exchange: Exchange, row: Route, call: Call): Response | Promise<Response> {
  exchange.caller = call.caller?.actor;
  if (row.body === undefined) return run(row, call);
  return withBody(row.body, call.request, (body) => run(row, { ...call, body }));
}

function fail(exchange: Exchange, error: unknown): Response {
  const response = problemOf(error);
  if (response.status !== 500) return finish(exchange, response, error);
  return finish(exchange, exchange.row?.faulty?.(FAULT_DETAIL) ?? response, error);
}

/** What every answer gets, and what is noted of it. */
function finish(exchange: Exchange, response: Response, error?: unknown): Response {
  const { at, request, services, start, row, caller } = exchange;
  const { method } = request;
  const { status } = response;
  if (at.isCrossOrigin && request.headers.has("origin")) {
    response.headers.set("access-control-allow-origin", "*");
    response.headers.set("access-control-expose-headers", "etag, retry-after");
  }
  const duration = performance.now() - start;
  at.times.observe(method, status, duration / 1000);
  const isRead = row !== undefined && !isChange(row);
  if (!services.log.tells(isRead, status)) return response;
  const requestId = crypto.randomUUID();
  response.headers.set("x-request-id", requestId);
  if (status >= 500) services.log.fault(requestId, error);
  // What a job is called is in the audit log.
  const by = caller?.split(":", 2).join(":");
  services.log.request({ requestId, method, route: at.path, status, duration, caller: by });
  return response;
}

/** A change is counted, and one that is sent again with its key is not made again. */
function run(row: Route, call: Call): Response | Promise<Response> {
  const { services, caller, request, body, now } = call;
  if (caller === undefined || !isChange(row)) return row.run(call);
  services.limits.change(caller.actor);
  const key = request.headers.get("idempotency-key");
  if (key === null) return row.run({ ...call, change: changeBy(caller, row, call) });
  const { method, headers } = request;
  const { pathname, search } = urlOf(request);
  const sent = body instanceof Uint8Array ? sha256(body) : body;
  const what = [method, pathname + search, headers.get("if-match"), sent];
  const isSecret = row.isSecret === true;
  return services.idempotency.once(
    { actor: caller.actor, key, what, isSecret },
    now,
    async (claim) => row.run({ ...call, change: changeBy(caller, row, call, claim) }),
  );
}

/** A body may come slowly, and a change may wait: their right is looked at when it is decided. */
function changeBy(caller: Caller, { role }: Route, call: Call, claim?: Claim): Call["change"] {
  const { services, params } = call;
  return (decide) =>
    services.engine.change(
      caller.actor,
      (state, now) => {
        const still = caller.again(state, now);
        if (role !== null && role !== "any") authorize(still, role, scopeOf(params));
        return decide(state, now);
      },
      claim,
    );
}

function peerOf(
  { local }: Path,
  request: Request,
  server: Bun.Server<undefined>,
): string | undefined {
  const forwarded = request.headers.get("x-forwarded-for");
  if (local !== undefined && forwarded === null) return undefined;
  return addressOf(local ?? server.requestIP(request)?.address ?? "", forwarded);
}

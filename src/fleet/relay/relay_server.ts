/** The relay's HTTP: what an agent asks a control plane for, of one environment, and nothing else. */

import * as v from "valibot";
import { credentialOf, secretIn } from "../../api/auth/tokens.ts";
import { Refusal } from "../../api/domain/refusal.ts";
import { EventHub } from "../../api/events/hub.ts";
import { json, problem, problemOf, UNCACHED } from "../../api/http/answers.ts";
import { addressOf, DEFAULT_LIMITS, RateLimits } from "../../api/http/rate_limits.ts";
import { NewHostReport } from "../../api/http/schemas.ts";
import type { HostStatus } from "../../agent/transport.ts";
import type { HostTokens } from "./host_tokens.ts";
import type { HandedSet } from "./relay.ts";

/** Bytes of a report. */
const BODY_SIZE_MAX = 16 * 1024;
/** Requests under way beside the streams. */
const REQUEST_COUNT_MAX = 1000;
/** Seconds after which who found nothing may ask again. */
const RETRY_S = 5;
const TOPIC = "sets";

export interface RelayServerOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly project: string;
  readonly environment: string;
  /** Nothing where everybody may ask who reaches it. */
  readonly tokens: HostTokens | undefined;
  /** Streams open at once. */
  readonly streams: number;
  readonly relay: {
    readonly set: HandedSet | undefined;
    readonly age: number | undefined;
    readonly problem: string | null;
  };
  readonly reported: (status: HostStatus) => void;
}

type Server = Bun.Server<undefined>;
type Handler = (request: Request, server: Server, owner: string) => Response | Promise<Response>;

export class RelayServer {
  readonly #options: RelayServerOptions;
  readonly #hub: EventHub;
  readonly #limits = new RateLimits(DEFAULT_LIMITS);
  readonly #server: Server;

  constructor(options: RelayServerOptions) {
    this.#options = options;
    const { hostname, port, tls, project, environment, streams } = options;
    this.#hub = new EventHub(Date.now, { all: streams, each: streams });
    const path = `/v1/projects/${project}/environments/${environment}`;
    this.#server = Bun.serve({
      hostname,
      port,
      ...(tls === undefined ? {} : { tls }),
      maxRequestBodySize: BODY_SIZE_MAX,
      routes: {
        "/v1/health": { GET: (request, server) => this.#health(request, server) },
        [`${path}/set`]: { GET: this.#checked(() => this.#set()) },
        [`${path}/events`]: { GET: this.#checked((...call) => this.#events(...call)) },
        [`${path}/hosts`]: { POST: this.#checked((request) => this.#report(request)) },
      },
      fetch: () =>
        problem("not-found", `this relay has ${project}/${environment}, for agents, and no more`),
      error: problemOf,
    });
  }

  get url(): URL {
    return this.#server.url;
  }

  /** Streams that are open. */
  get streams(): number {
    return this.#hub.size;
  }

  /** Tells every stream of the set that is there now. */
  announce(set: HandedSet): void {
    this.#hub.publish(TOPIC, eventOf(set));
  }

  /** Ends the streams of a token that is gone. */
  end(owner: string): void {
    this.#hub.end((one) => one === owner);
  }

  /** Ends the streams, and waits for the requests under way. */
  async stop(): Promise<void> {
    this.#hub.close();
    await this.#server.stop();
  }

  #checked(handler: Handler): (request: Request, server: Server) => Response | Promise<Response> {
    return async (request, server) => {
      try {
        return await handler(request, server, this.#ownerOf(request, server));
      } catch (error) {
        return problemOf(error);
      }
    };
  }

  /** @throws Refusal */
  #ownerOf(request: Request, server: Server): string {
    const address = this.#bounded(request, server);
    refusePages(request);
    const owner = this.#known(request);
    if (owner !== undefined) return owner;
    this.#limits.attempt(address);
    throw new Refusal("unauthorized", "this token is none that the relay knows");
  }

  /**
   * @returns the address of who asks
   * @throws Refusal
   */
  #bounded(request: Request, server: Server): string {
    const { streams } = this.#options;
    const peer = server.requestIP(request)?.address ?? "";
    const address = addressOf(peer, request.headers.get("x-forwarded-for")) ?? peer;
    this.#limits.request(address);
    if (server.pendingRequests > streams + REQUEST_COUNT_MAX) {
      throw new Refusal("unavailable", "too many requests are under way", RETRY_S);
    }
    return address;
  }

  /** Who asks; nothing for a stranger. */
  #known({ headers }: Request): string | undefined {
    const { tokens } = this.#options;
    if (tokens === undefined) return "anybody";
    const credential = credentialOf(headers);
    return credential === undefined ? undefined : tokens.ownerOf(secretIn(credential));
  }

  /** For everybody; what is wrong names the server, and is for those who are let in. */
  #health(request: Request, server: Server): Response {
    try {
      this.#bounded(request, server);
    } catch (error) {
      return problemOf(error);
    }
    const { set, age, problem: trouble } = this.#options.relay;
    return json({
      status: set === undefined ? "empty" : "ok",
      sequence: set?.sequence ?? null,
      age: age ?? null,
      streams: this.streams,
      ...(this.#known(request) === undefined ? {} : { problem: trouble }),
    });
  }

  #set(): Response {
    const { set, age } = this.#options.relay;
    if (set === undefined) {
      throw new Refusal("unavailable", "the relay has heard of no set yet", RETRY_S);
    }
    return new Response(set.text, {
      headers: {
        "content-type": "application/jwt",
        ...UNCACHED,
        // RFC 9111: seconds since the control plane last said that it is the newest.
        age: String(age ?? 0),
      },
    });
  }

  #events(request: Request, server: Server, owner: string): Response {
    const { set } = this.#options.relay;
    const first = set === undefined ? ":\n\n" : eventOf(set);
    const stream = this.#hub.open(TOPIC, first, owner, null);
    server.timeout(request, 0);
    return new Response(stream, {
      headers: { "content-type": "text/event-stream", ...UNCACHED },
    });
  }

  async #report(request: Request): Promise<Response> {
    const body: unknown = await request.json().catch(() => undefined);
    const report = v.safeParse(NewHostReport, body);
    if (!report.success) throw new Refusal("unprocessable", "this is no report of a host");
    this.#options.reported(report.output);
    return new Response(null, { status: 204 });
  }
}

/**
 * A relay has no page: where a browser says that one asks, it is somebody else's.
 *
 * @throws Refusal
 */
function refusePages({ headers }: Request): void {
  const site = headers.get("sec-fetch-site") ?? "none";
  if (headers.has("origin") || site !== "none") {
    throw new Refusal("forbidden", "the request comes from a page, and a relay has none");
  }
}

/** With the set itself: who reads no more of an event than its id asks for it. */
function eventOf({ sequence, text }: HandedSet): string {
  return `id: ${sequence}\nevent: set\ndata: ${text}\n\n`;
}

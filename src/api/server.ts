#!/usr/bin/env bun
/**
 * The control plane as one process: the store, the engine, the HTTP server. `bun-config serve` starts it; so
 * does running this file, or what it was built to, with its settings in the environment.
 */

import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { version } from "../../package.json";
import { askedToStop } from "../base/asked_to_stop.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { threadFile } from "../base/thread_file.ts";
import { type NatsSettings, natsSettings } from "../fleet/nats_settings.ts";
import { HEADER_SIZE } from "../format/layout.ts";
import { BODY_SIZE_MAX } from "../base/limits.ts";
import type { Signer } from "../trust/file_signature.ts";
import { openOnlineKey } from "./auth/online_key.ts";
import { Jobs } from "./auth/jobs.ts";
import { Oidc } from "./auth/oidc.ts";
import { type OidcSettings, oidcSettings } from "./auth/oidc_settings.ts";
import { Passkeys } from "./auth/passkeys.ts";
import { Sessions } from "./auth/sessions.ts";
import { newToken, SeenTokens } from "./auth/tokens.ts";
import { openPostgresStore } from "./db/postgres_store.ts";
import { openSqliteStore } from "./db/sqlite_store.ts";
import type { Store } from "./db/store.ts";
import { DEFAULT_DATA, DEFAULT_HOST, DEFAULT_PORT, PORT_MAX } from "./defaults.ts";
import { Refusal } from "./domain/refusal.ts";
import { Engine } from "./engine.ts";
import { EventHub } from "./events/hub.ts";
import { LogFollower } from "./follow_log.ts";
import { SetEvents } from "./events/set_events.ts";
import { answerToOthers, dashboardRoutes } from "./dashboard_files.ts";
import { ONLINE_KEY, prepareData } from "./data_folder.ts";
import { greeting } from "./greeting.ts";
import { problemOf } from "./http/answers.ts";
import { bunRoutes } from "./http/dispatch.ts";
import { Idempotency } from "./http/idempotency.ts";
import { DEFAULT_LIMITS, type Limits, RateLimits } from "./http/rate_limits.ts";
import type { Services } from "./http/services.ts";
import { HealthLooks } from "./health_looks.ts";
import { Hosts } from "./hosts.ts";
import { createLog, type Log, logLevel } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { requireLetIn } from "./nats/let_in.ts";
import { NatsPublisher } from "./nats/publisher.ts";
import { OverrideSets } from "./override_sets.ts";
import { RecordFiles } from "./record_files.ts";
import { Ledgers } from "./ledgers/ledgers.ts";
import { BulkAnswers } from "./ofrep/bulk.ts";
import { Rollouts } from "./rollouts.ts";
import { announce } from "./routes/events.ts";
import { Scheduler } from "./scheduler.ts";
import { routeTable } from "./table.ts";
import { Verifications } from "./verifications.ts";
import { BulkSignatures } from "./workers/bulk_signatures.ts";
import { WorkerPool } from "./workers/pool.ts";

export interface ServerOptions {
  /** The folder of the database; it is created where it is missing. */
  readonly data: string;
  /** `postgres://…`; SQLite in the folder where there is none. */
  readonly databaseUrl?: string;
  /** Brokers that are told of every change. */
  readonly nats?: NatsSettings;
  /** Where people may sign in instead of with a passkey. */
  readonly oidc?: OidcSettings;
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Make a first token again: for those who have lost every passkey. */
  readonly newAdmin?: boolean;
  /** Of the addresses that rollouts may ask whether all is well; none where there are none. */
  readonly healthOrigins?: readonly string[];
  /** Sign with this server's own key from now on, though hosts have trusted another so far. */
  readonly newOnlineKey?: boolean;
  /** How much one caller and one address may ask for a second; each has a default. */
  readonly limits?: Partial<Limits>;
  /** Of the server, for the document that describes it. */
  readonly version: string;
  readonly now: () => number;
  readonly log: Log;
}

export interface RunningServer {
  readonly url: URL;
  /** The secret of a first token; only where the data are new, or one was asked for. */
  readonly adminToken: string | undefined;
  /** Ends the streams, waits for the requests under way, and closes the store. */
  stop(): Promise<void>;
}

/** Threads for what is heavy: the loop has a processor of its own. */
const THREAD_COUNT = Math.max(1, Math.min(4, availableParallelism() - 1));

/**
 * @throws ImmuconfigError `ERR_BUSY` when another server has the data, `ERR_FORMAT` when the audit log
 *   is broken, `ERR_KEY` when the online key is missing or another, `ERR_NETWORK` when a broker
 *   refuses the credentials, `ERR_OWNER` for data that others could have written, `ERR_READ`, `ERR_WRITE`
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  if (options.nats !== undefined) await requireLetIn(options.nats);
  const core = await openCore(options);
  const adminToken = await firstToken(core.engine, options.newAdmin === true);
  const services = servicesOf(options, core);
  tellStreams(services);
  const stopWorking = await startWorking(options, core, services);
  const server = listen(options, services);
  const stop = async (): Promise<void> => {
    services.events.close();
    await server.stop();
    await stopWorking();
    core.pool.close();
    await core.engine.close();
    options.log.stopped();
  };
  options.log.started(server.url.href);
  let stopped: Promise<void> | undefined;
  return { url: server.url, adminToken, stop: () => (stopped ??= stop()) };
}

/** What there is before anybody can be answered: the log, the key, the threads. */
interface Core {
  readonly store: Store;
  readonly signer: Signer;
  readonly pool: WorkerPool;
  readonly engine: Engine;
}

async function openCore(options: ServerOptions): Promise<Core> {
  const { data, newOnlineKey = false } = options;
  const store = await openStore(options);
  const pool = new WorkerPool(threadFile("api/workers/worker"), THREAD_COUNT);
  const engine = await Engine.start(store, pool, options);
  try {
    const isNew = engine.state.head.sequence === 0;
    const { shared } = store;
    const signer = await openOnlineKey(data, { shared, isNew, replaces: newOnlineKey });
    return { store, signer, pool, engine };
  } catch (error) {
    pool.close();
    await engine.close();
    throw error;
  }
}

function servicesOf(options: ServerOptions, { store, signer, pool, engine }: Core): Services {
  const { data, now, log, healthOrigins = [], nats: broker, oidc } = options;
  const events = new EventHub(now);
  const files = new RecordFiles(store);
  const bulk = new BulkSignatures(pool, join(data, ONLINE_KEY), signer.publicKey);
  const sets = new OverrideSets(signer, bulk);
  const hosts = new Hosts();
  const metrics = new Metrics({
    streams: () => events.size,
    sequence: () => engine.state.head.sequence,
  });
  const nats =
    broker && new NatsPublisher({ settings: broker, engine, sets, files, hosts, now, log });
  if (nats !== undefined) metrics.watchNats(nats);
  return {
    engine,
    files,
    events,
    setEvents: new SetEvents({ events, sets, now, log }),
    sessions: new Sessions(),
    tokens: new SeenTokens(),
    passkeys: new Passkeys(),
    oidc: oidc && new Oidc(oidc, log),
    jobs: new Jobs(now),
    bulk: new BulkAnswers(),
    sets,
    limits: new RateLimits({ ...DEFAULT_LIMITS, ...options.limits }),
    idempotency: new Idempotency(store, log),
    hosts,
    health: new HealthLooks(healthOrigins),
    log,
    metrics,
    verifications: new Verifications(engine, pool),
    ledgers: new Ledgers(data, pool),
    nats,
    now,
  };
}

/** Has every change told to those who follow it. */
function tellStreams({ engine, events, setEvents }: Services): void {
  engine.subscribe((state, rows) => announce(events, state, rows));
  engine.subscribe((state, rows) => setEvents.announce(state, rows));
}

/**
 * Starts what works without being asked, which needs the newest records in memory: that goes on while the
 * database is away.
 *
 * @returns ends it, and what others have asked for
 */
async function startWorking(
  { now, log }: ServerOptions,
  { store: { shared } }: Core,
  { engine, files, health, ledgers, nats }: Services,
): Promise<() => Promise<void>> {
  await files.warm(engine.state);
  const follower = shared && (await LogFollower.start({ engine, files, shared, log }));
  const scheduler = new Scheduler({ engine, files, now, log });
  const rollouts = new Rollouts({ engine, health, now, log });
  return async () => {
    for (const one of [ledgers, scheduler, rollouts, nats, follower]) await one?.stop();
  };
}

function listen({ hostname, port, version: release, log }: ServerOptions, services: Services) {
  const files = dashboardRoutes();
  return Bun.serve({
    hostname,
    port,
    maxRequestBodySize: HEADER_SIZE + BODY_SIZE_MAX,
    routes: { ...files, ...bunRoutes(routeTable(release), services, hostname) },
    fetch: (request) => answerToOthers(files, request),
    error(error) {
      if (!(error instanceof Refusal)) log.fault("none", error);
      return problemOf(error);
    },
  });
}

async function openStore({ data, databaseUrl }: ServerOptions): Promise<Store> {
  const path = prepareData(data, databaseUrl === undefined);
  return databaseUrl === undefined ? openSqliteStore(path) : openPostgresStore(databaseUrl);
}

/**
 * A server that has never run has one token, which may do everything. It ends when somebody who may do
 * everything can sign in without it.
 */
async function firstToken(engine: Engine, again: boolean): Promise<string | undefined> {
  if (engine.state.head.sequence > 0 && !again) return undefined;
  const { id: token, secret, digest } = newToken();
  const everywhere = { project: null, environment: null, expires: null } as const;
  try {
    await engine.change("server", ({ head }) => {
      if (head.sequence > 0 && !again) throw new Refusal("exists", "another server was first");
      const name = "first admin";
      return {
        change: { kind: "token.created", token, name, role: "admin", digest, ...everywhere },
      };
    });
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
  return secret;
}

/**
 * `PORT`, `HOST`, `IMMUCONFIG_DATA`, `IMMUCONFIG_HEALTH_ORIGINS` (apart by commas), `IMMUCONFIG_NATS`,
 * `IMMUCONFIG_OIDC_ISSUER` and what goes with it, `DATABASE_URL`: as the options of `bun-config serve`.
 */
async function main(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const { DATABASE_URL: databaseUrl, IMMUCONFIG_HEALTH_ORIGINS: origins = "" } = env;
  const port = Number(env["PORT"] ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > PORT_MAX) {
    throw new ImmuconfigError("ERR_VALUE", `PORT is ${env["PORT"]}`, {
      hint: `A port is a whole number from 0 to ${PORT_MAX}; 0 takes a free one.`,
    });
  }
  const nats = natsSettings({}, env);
  const oidc = oidcSettings({}, env, process.cwd());
  const server = await startServer({
    data: resolve(env["IMMUCONFIG_DATA"] ?? DEFAULT_DATA),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    healthOrigins: origins.split(",").filter((origin) => origin !== ""),
    ...(nats === undefined ? {} : { nats }),
    ...(oidc === undefined ? {} : { oidc }),
    hostname: env["HOST"] ?? DEFAULT_HOST,
    port,
    version,
    now: Date.now,
    log: createLog((line) => process.stdout.write(line), logLevel(env["LOG_LEVEL"])),
  });
  // Before it says that it runs: who hears that may ask it to stop.
  const stop = once(askedToStop(), "abort");
  for (const line of greeting(server.url, server.adminToken)) console.error(line);
  await stop;
  await server.stop();
}

if (import.meta.main) await main(process.env);

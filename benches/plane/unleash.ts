/** The control plane beside `unleash-server`, each under Bun and on a database of one PostgreSQL. */

import { Postgres } from "../../tests/support/postgres.ts";
import { type BenchOptions, type Bound, memoryBound } from "../support/bound.ts";
import { check, median } from "../support/measure.ts";
import { requirePeer } from "../support/peers.ts";
import { residentBytes } from "./process_cost.ts";
import type { RawRequest } from "./raw_client.ts";
import { ALL_FLAGS, requestCost } from "./requests.ts";
import { FLAG_COUNT, Plane, PLACE, type Running, start } from "./servers.ts";
import { Streams } from "./streams.ts";

const ADMIN = "*:*.bench-admin";
const FRONTEND = "*:development.bench-frontend";
const FEATURES = "/api/admin/projects/default/features";
/** A client of Unleash that asks all the time, which none does: every 15 seconds is what they do. */
const ASK_MS = 1;
const SEEN_MS_MAX = 20_000;

/** Milliseconds of each of two loads, and how often. */
interface Size {
  readonly ms: number;
  readonly warmups: number;
  readonly rounds: number;
  readonly changes: number;
}

interface Measured {
  /** Nanoseconds from the start of a process on a database that is made until it listens. */
  readonly startNs: number;
  readonly memory: number;
  /** Of the server's processor for all flags of a user. */
  readonly readNs: number;
  readonly changeNs: number;
}

/** Unleash is the floor. */
export async function unleashBounds({ quick }: BenchOptions): Promise<Bound[]> {
  requirePeer("unleash-server");
  const size = quick
    ? { ms: 50, warmups: 0, rounds: 1, changes: 1 }
    : { ms: 500, warmups: 6, rounds: 9, changes: 21 };
  await using postgres = await Postgres.create();
  const [ours, theirs] = await makeDatabases(postgres.url, ["ours", "theirs"]);
  const subject = await measureOurs(ours ?? "", size);
  const floor = await measureTheirs(theirs ?? "", size);
  const max = Math.floor(floor.memory / 1e6);
  return [
    ratio(
      "a start on a PostgreSQL that it knows / of unleash-server",
      subject.startNs,
      floor.startNs,
    ),
    memoryBound("memory of it after reads / of unleash-server", subject.memory, floor.memory, max),
    ratio(
      `processor time of ${FLAG_COUNT} flags by OFREP / of unleash-server's`,
      subject.readNs,
      floor.readNs,
    ),
    ratio(
      "a change until a client has it / of unleash-server, asked all the time",
      subject.changeNs,
      floor.changeNs,
    ),
  ];
}

function ratio(name: string, subjectNs: number, floorNs: number): Bound {
  return { name, subjectNs, floorNs, value: subjectNs / floorNs, max: 1, unit: "times" };
}

async function makeDatabases(url: string, names: readonly string[]): Promise<string[]> {
  const sql = new Bun.SQL(url, { max: 1 });
  for (const name of names) await sql.unsafe(`create database ${name}`);
  await sql.close();
  return names.map((name) => new URL(`/${name}`, url).href);
}

async function measureOurs(databaseUrl: string, size: Size): Promise<Measured> {
  const env = { NODE_ENV: "production", DATABASE_URL: databaseUrl };
  await using first = await Plane.start(env);
  const before = Bun.nanoseconds();
  await using plane = await Plane.beside(first, env);
  const startNs = Bun.nanoseconds() - before;
  await first.running[Symbol.asyncDispose]();
  await plane.call("GET", PLACE);
  const readNs = await readCost(plane.running, { ...ALL_FLAGS, headers: plane.headers }, size);
  const memory = residentBytes(plane.running.pid);
  const stream = new Streams(plane);
  await stream.open(1);
  const changes: number[] = [];
  for (let change = 0; change < size.changes; change++) {
    const seen = stream.nextOfAll();
    const begun = Bun.nanoseconds();
    await plane.flip("FLAG_0", change % 2 === 0);
    changes.push((await seen).last - begun);
  }
  stream.close();
  return { startNs, memory, readNs, changeNs: median(changes) };
}

async function measureTheirs(databaseUrl: string, size: Size): Promise<Measured> {
  const env = {
    NODE_ENV: "production",
    UNLEASH_OPTIONS: JSON.stringify(unleashOptions(new URL(databaseUrl))),
  };
  const program = ["benches/children/unleash.mjs"];
  const first = await start(program, /at /, env);
  for (let index = 0; index < FLAG_COUNT; index++) {
    await ask(first, "POST", FEATURES, ADMIN, { name: `FLAG_${index}`, type: "release" });
    await flip(first, index, true);
  }
  await first[Symbol.asyncDispose]();
  const before = Bun.nanoseconds();
  await using unleash = await start(program, /at /, env);
  const startNs = Bun.nanoseconds() - before;
  const request = {
    method: "GET",
    path: "/api/frontend?userId=user-1&properties[plan]=gold",
    headers: { authorization: FRONTEND },
  } as const;
  const count = async (): Promise<number> => {
    const answer = await ask(unleash, "GET", request.path, FRONTEND);
    return ((await answer.json()) as { toggles: unknown[] }).toggles.length;
  };
  // It answers what it knew a second ago.
  const becomes = async (wanted: number): Promise<void> => {
    for (const end = performance.now() + SEEN_MS_MAX; (await count()) !== wanted;) {
      check(performance.now() < end, "unleash-server does not answer its flags");
      await Bun.sleep(ASK_MS);
    }
  };
  await becomes(FLAG_COUNT);
  const readNs = await readCost(unleash, request, size);
  const memory = residentBytes(unleash.pid);
  const changes: number[] = [];
  for (let change = 0; change < size.changes; change++) {
    const enabled = change % 2 === 1;
    const begun = Bun.nanoseconds();
    await flip(unleash, 0, enabled);
    await becomes(enabled ? FLAG_COUNT : FLAG_COUNT - 1);
    changes.push(Bun.nanoseconds() - begun);
  }
  return { startNs, memory, readNs, changeNs: median(changes) };
}

function unleashOptions({ hostname, port, username, pathname }: URL): object {
  const user = { host: hostname, port: Number(port), user: username, password: "" };
  return {
    db: { ...user, database: pathname.slice(1), ssl: false },
    server: { host: "127.0.0.1", port: 0 },
    logLevel: "fatal",
    // Nothing is asked of the network.
    versionCheck: { enable: false },
    telemetry: false,
    // Answers that refuse are quick, and nobody wants them.
    rateLimiting: { sdkApiMaxPerMinute: 1e9, tokenAuthenticationMaxPerMinute: 1e9 },
    authentication: {
      type: "none",
      initApiTokens: [
        unleashToken("admin", "*", ADMIN),
        unleashToken("frontend", "development", FRONTEND),
      ],
    },
  };
}

function unleashToken(type: string, environment: string, secret: string): object {
  return { type, environment, projects: ["*"], secret, tokenName: type };
}

async function flip(unleash: Running, index: number, enabled: boolean): Promise<void> {
  const state = enabled ? "on" : "off";
  await ask(unleash, "POST", `${FEATURES}/FLAG_${index}/environments/development/${state}`, ADMIN);
}

async function ask(
  { url }: Running,
  method: "GET" | "POST",
  path: string,
  authorization: string,
  body?: object,
): Promise<Response> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  check(response.ok, `unleash-server: ${method} ${path} answered ${response.status}`);
  return response;
}

/** The least of some rounds: warm, and not in another's way. */
async function readCost(server: Running, request: RawRequest, size: Size): Promise<number> {
  for (let round = 0; round < size.warmups; round++) await requestCost(server, request, size.ms);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < size.rounds; round++) {
    best = Math.min(best, (await requestCost(server, request, size.ms)).cpu);
  }
  return best;
}

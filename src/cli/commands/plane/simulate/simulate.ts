/** A fleet on this machine: a control plane, agents without disks in a few processes, and changes. */

import { rmSync } from "node:fs";
import { version } from "../../../../../package.json";
import { createLog } from "../../../../api/log.ts";
import { startServer } from "../../../../api/server.ts";
import { PlaneClient } from "../../../../agent/plane_client.ts";
import { sleep } from "../../../../base/sleep.ts";
import { ImmuconfigError } from "../../../../base/errors.ts";
import { makeTemporaryFolder } from "../../../../base/temporary_folder.ts";
import type { NatsSettings } from "../../../../fleet/nats_settings.ts";
import { encodeFile, type File } from "../../../../format/file.ts";
import { defaultFile } from "../../../../store/default_file.ts";
import { readOverrideSet } from "../../../../trust/override_set.ts";
import { type AgentsOrder, cpuMsOf, sharedNow } from "./messages.ts";
import { AgentProcesses } from "./processes.ts";
import { spreadText } from "./text.ts";

export interface SimulationWish {
  readonly hosts: number;
  readonly processes: number;
  readonly changes: number;
  /** Milliseconds between two changes. */
  readonly everyMs: number;
  /** Brokers that the agents hear from; null for event streams of the server. */
  readonly nats: NatsSettings | null;
}

/** One change on its way to the agents; each time is in milliseconds after it was asked for. */
export interface Spread {
  /** Agents that had it in time. */
  readonly hosts: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly last: number;
  /** Milliseconds of processor time, until all had it; the agents' with the second before it. */
  readonly serverCpuMs: number;
  readonly agentsCpuMs: number;
  /** Hosts that had it, and when: at most 100 points. */
  readonly curve: readonly { readonly ms: number; readonly hosts: number }[];
}

export interface Simulation extends Omit<SimulationWish, "nats"> {
  readonly over: "event streams" | "NATS";
  readonly spreads: readonly Spread[];
  /** Milliseconds until every agent had its first set. */
  readonly startMs: number;
  /** Bytes. */
  readonly serverRss: number;
  readonly agentsRss: number;
  /** Milliseconds of processor time that as many checks of the signature alone take. */
  readonly checksCpuMs: number;
}

const PLACE = { project: "simulated", environment: "fleet" };
const FLAG = "SIMULATED";
/** Milliseconds that a start or a change may take. */
const START_MS_MAX = 120_000;
const CHANGE_MS_MAX = 30_000;
const CURVE_POINTS_MAX = 100;
const CHECKS = 500;

const FILE: File = {
  ...defaultFile({ registry: "https://registry.invalid", project: PLACE.project }),
  flags: [{ bit: 0, name: FLAG }],
};

/**
 * @param note is told how far it is
 * @throws ImmuconfigError `ERR_SUBPROCESS`, `ERR_NETWORK`, `ERR_WRITE`
 */
export async function simulate(
  wish: SimulationWish,
  note: (text: string) => void,
): Promise<Simulation> {
  const data = makeTemporaryFolder("fleet");
  try {
    return await simulateIn(data, wish, note);
  } finally {
    rmSync(data, { recursive: true });
  }
}

async function simulateIn(
  data: string,
  wish: SimulationWish,
  note: (text: string) => void,
): Promise<Simulation> {
  const server = await startServer({
    data,
    hostname: "127.0.0.1",
    port: 0,
    version,
    now: Date.now,
    ...(wish.nats === null ? {} : { nats: wish.nats }),
    // Real hosts have an address each; these have one together.
    limits: { requests: 1_000_000 },
    log: createLog(() => undefined),
  });
  try {
    return await runOn(server.url.href, server.adminToken ?? "", wish, note);
  } finally {
    await server.stop();
  }
}

async function runOn(
  server: string,
  token: string,
  wish: SimulationWish,
  note: (text: string) => void,
): Promise<Simulation> {
  const { hosts, processes, changes, everyMs, nats } = wish;
  const client = new PlaneClient({ server, token, ...PLACE });
  const key = await onlineKey(server);
  const orders = await ordersOf(server, token, await pushRecord(client), key, wish);
  const begun = performance.now();
  await using agents = new AgentProcesses(orders);
  const sequence = await sequenceOf(client, key);
  await requireStarted(agents, sequence, hosts);
  const startMs = Math.round(performance.now() - begun);
  note(`${hosts} agents have begun after ${startMs} ms`);
  const spreads: Spread[] = [];
  for (let index = 0; index < changes; index++) {
    await sleep(everyMs);
    const made = await spread(client, agents, sequence + index + 1, hosts);
    spreads.push(made);
    note(spreadText(index, made));
  }
  return {
    hosts,
    processes,
    changes,
    everyMs,
    over: nats === null ? "event streams" : "NATS",
    spreads,
    startMs,
    serverRss: process.memoryUsage.rss(),
    agentsRss: agents.cost.rss,
    checksCpuMs: Math.round((await checkMs(client, key)) * hosts),
  };
}

/** @returns the record of the simulated hosts, which the server has now, too */
async function pushRecord(client: PlaneClient): Promise<Uint8Array> {
  await client.create();
  const record = encodeFile(FILE);
  await client.push(record, (await client.environment()).version);
  return record;
}

/** What each process is to do. */
function ordersOf(
  server: string,
  token: string,
  record: Uint8Array,
  key: string,
  wish: SimulationWish,
): Promise<AgentsOrder[]> {
  const { nats } = wish;
  return Promise.all(
    hostsOfEach(wish).map(async ({ first, count }) => ({
      server,
      nats,
      // A caller may have so many streams and no more: each process is one of its own.
      token: await readerToken(server, token),
      ...PLACE,
      key,
      record: Buffer.from(record).toString("base64"),
      first,
      count,
    })),
  );
}

/** @throws ImmuconfigError `ERR_NETWORK` where not all agents have the first set in time */
async function requireStarted(
  agents: AgentProcesses,
  sequence: number,
  hosts: number,
): Promise<void> {
  const { length } = await agents.reached(sequence, hosts, START_MS_MAX);
  if (length >= hosts) return;
  throw new ImmuconfigError(
    "ERR_NETWORK",
    `${length} of ${hosts} agents have begun: ${agents.problem}`,
    { hint: "Simulate fewer hosts, or let a process open more files: ulimit -n." },
  );
}

/** The hosts of each process. */
function hostsOfEach({ hosts, processes }: SimulationWish): { first: number; count: number }[] {
  return Array.from({ length: processes }, (_, index) => {
    const first = Math.floor((hosts * index) / processes);
    return { first, count: Math.floor((hosts * (index + 1)) / processes) - first };
  });
}

async function spread(
  client: PlaneClient,
  agents: AgentProcesses,
  sequence: number,
  hosts: number,
): Promise<Spread> {
  const { version: before } = await client.environment();
  const cpu = process.cpuUsage();
  const { cpuMs } = agents.cost;
  const begun = sharedNow();
  const enabled = sequence % 2 === 0;
  await client.setOverride({ flag: FLAG, enabled, until: null, reason: "simulated" }, before);
  const times = (await agents.reached(sequence, hosts, CHANGE_MS_MAX)).map((at) => at - begun);
  const at = (share: number): number => round(times[Math.ceil(share * hosts) - 1] ?? Number.NaN);
  const points = Math.min(times.length, CURVE_POINTS_MAX);
  return {
    hosts: times.length,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    last: at(1),
    serverCpuMs: Math.round(cpuMsOf(process.cpuUsage(cpu))),
    agentsCpuMs: Math.round(agents.cost.cpuMs - cpuMs),
    curve: Array.from({ length: points }, (_, index) => {
      const count = Math.ceil(((index + 1) * times.length) / points);
      return { ms: round(times[count - 1] ?? 0), hosts: count };
    }),
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

async function onlineKey(server: string): Promise<string> {
  const { publicKey } = (await (await fetch(new URL("/v1/online-key", server))).json()) as {
    publicKey: string;
  };
  return publicKey;
}

async function readerToken(server: string, token: string): Promise<string> {
  const response = await fetch(new URL("/v1/tokens", server), {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ name: "agents", role: "reader", ...PLACE }),
  });
  return ((await response.json()) as { secret: string }).secret;
}

async function sequenceOf(client: PlaneClient, key: string): Promise<number> {
  return readOverrideSet(await client.overrides(), expectation(key)).sequence;
}

function expectation(key: string): Parameters<typeof readOverrideSet>[1] {
  return { ...PLACE, keys: [Buffer.from(key, "hex")], seen: 0, now: undefined };
}

/** Of one check of the last set, at best. */
async function checkMs(client: PlaneClient, key: string): Promise<number> {
  const text = await client.overrides();
  const expected = expectation(key);
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 5; tries++) {
    const begun = performance.now();
    for (let index = 0; index < CHECKS; index++) readOverrideSet(text, expected);
    best = Math.min(best, (performance.now() - begun) / CHECKS);
  }
  return best;
}

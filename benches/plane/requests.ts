/** What a request costs the control plane, beside a bare server that answers the same bytes. */

import type { BenchOptions, Bound } from "../support/bound.ts";
import { check, median, quantile } from "../support/measure.ts";
import { processorNs } from "../support/clock.ts";
import { load, type RawRequest } from "./raw_client.ts";
import { FLAG_COUNT, Plane, PLACE, type Running, startBare } from "./servers.ts";

const CPU_RATIO_MAX = 1.25;
const P99_RATIO_MAX = 2;
/** Microseconds of the server's processor. */
const CPU_US_MAX = 50;
const CONNECTIONS = 8;
/** What a client of OpenFeature asks for a user. */
export const ALL_FLAGS = {
  method: "POST",
  path: `${PLACE}/ofrep/v1/evaluate/flags`,
  body: JSON.stringify({ context: { targetingKey: "user-1", plan: "gold" } }),
} as const;

/** A server, and what it is asked. */
type Asked = readonly [Running, RawRequest];

interface Cost {
  /** Nanoseconds of the server's processor a request. */
  readonly cpu: number;
  readonly latencies: readonly number[];
}

export async function requestBounds({ quick }: BenchOptions): Promise<Bound[]> {
  await using plane = await Plane.start({ NODE_ENV: "production" });
  const headers = plane.headers;
  const record = await (await plane.call("GET", `${PLACE}/record`)).bytes();
  const flags = await (await plane.call(ALL_FLAGS.method, ALL_FLAGS.path, ALL_FLAGS.body)).text();
  const { flags: list } = JSON.parse(flags) as { flags: unknown[] };
  check(list.length === FLAG_COUNT, `it answered ${list.length} flags`);
  await using bare = await startBare(record, flags);
  const ofFlags: Asked = [plane.running, { ...ALL_FLAGS, headers }];
  const bareFlags = (path: string): Asked => [bare, { ...ALL_FLAGS, path, headers }];
  const ofRecord: Asked = [plane.running, { method: "GET", path: `${PLACE}/record`, headers }];
  const bareRecord: Asked = [bare, { method: "GET", path: "/record", headers }];
  const named = `${FLAG_COUNT} flags by OFREP`;
  const read = await compare(ofFlags, bareFlags("/flags/read"), quick);
  return [
    ...boundsOf("a record", await compare(ofRecord, bareRecord, quick)),
    ...boundsOf(named, await compare(ofFlags, bareFlags("/flags"), quick)),
    cpuBound(`processor time of ${named} / a bare server that reads as much`, read),
  ];
}

/** @param ms how long it is asked */
export async function requestCost(
  { url, pid }: Running,
  request: RawRequest,
  ms: number,
): Promise<Cost> {
  const before = processorNs(pid);
  const { requests, latencies } = await load(url, request, CONNECTIONS, ms);
  return { cpu: (processorNs(pid) - before) / requests, latencies };
}

interface Compared {
  readonly ours: readonly Cost[];
  /** Each beside one of ours. */
  readonly theirs: readonly Cost[];
}

async function compare(subject: Asked, floor: Asked, quick: boolean): Promise<Compared> {
  const ms = quick ? 50 : 500;
  const measure = ([server, request]: Asked): Promise<Cost> => requestCost(server, request, ms);
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  for (let round = 0; round < (quick ? 1 : 4); round++) {
    await measure(subject);
    await measure(floor);
  }
  for (let round = 0; round < (quick ? 1 : 9); round++) {
    if (round % 2 === 0) theirs.push(await measure(floor));
    ours.push(await measure(subject));
    if (round % 2 === 1) theirs.push(await measure(floor));
  }
  return { ours, theirs };
}

function boundsOf(name: string, compared: Compared): Bound[] {
  const { ours, theirs } = compared;
  const [subjectNs, floorNs] = [p99(ours), p99(theirs)];
  const cpu = cpuBound(`processor time of ${name} / a bare server's`, compared);
  return [
    cpu,
    {
      name: `p99 of ${name} / a bare server's`,
      subjectNs,
      floorNs,
      value: subjectNs / floorNs,
      max: P99_RATIO_MAX,
      unit: "times",
    },
    {
      ...cpu,
      name: `processor time of ${name}`,
      value: cpu.subjectNs / 1e3,
      max: CPU_US_MAX,
      unit: "µs",
    },
  ];
}

function cpuBound(name: string, { ours, theirs }: Compared): Bound {
  return {
    name,
    subjectNs: median(ours.map(({ cpu }) => cpu)),
    floorNs: median(theirs.map(({ cpu }) => cpu)),
    value: median(ours.map(({ cpu }, i) => cpu / (theirs[i]?.cpu ?? Number.NaN))),
    max: CPU_RATIO_MAX,
    unit: "times",
  };
}

function p99(costs: readonly Cost[]): number {
  return median(costs.map(({ latencies }) => quantile(latencies, 0.99)));
}

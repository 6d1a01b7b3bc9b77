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
  const pairs: [string, RawRequest, RawRequest][] = [
    [
      "a record",
      { method: "GET", path: `${PLACE}/record`, headers },
      { method: "GET", path: "/record", headers },
    ],
    [
      `${FLAG_COUNT} flags by OFREP`,
      { ...ALL_FLAGS, headers },
      { ...ALL_FLAGS, path: "/flags", headers },
    ],
  ];
  const bounds: Bound[] = [];
  for (const [name, ours, theirs] of pairs) {
    bounds.push(...(await compareRequests(name, [plane.running, ours], [bare, theirs], quick)));
  }
  return bounds;
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

async function compareRequests(
  name: string,
  subject: readonly [Running, RawRequest],
  floor: readonly [Running, RawRequest],
  quick: boolean,
): Promise<Bound[]> {
  const ms = quick ? 50 : 500;
  const measure = ([server, request]: readonly [Running, RawRequest]): Promise<Cost> =>
    requestCost(server, request, ms);
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
  const cpu = median(ours.map((cost) => cost.cpu));
  const bareCpu = median(theirs.map((cost) => cost.cpu));
  const ratio = median(ours.map((cost, i) => cost.cpu / (theirs[i]?.cpu ?? Number.NaN)));
  const p99 = (costs: readonly Cost[]): number =>
    median(costs.map(({ latencies }) => quantile(latencies, 0.99)));
  const times = { unit: "times" } as const;
  return [
    {
      name: `processor time of ${name} / a bare server's`,
      subjectNs: cpu,
      floorNs: bareCpu,
      value: ratio,
      max: CPU_RATIO_MAX,
      ...times,
    },
    {
      name: `p99 of ${name} / a bare server's`,
      subjectNs: p99(ours),
      floorNs: p99(theirs),
      value: p99(ours) / p99(theirs),
      max: P99_RATIO_MAX,
      ...times,
    },
    {
      name: `processor time of ${name}`,
      subjectNs: cpu,
      floorNs: bareCpu,
      value: cpu / 1e3,
      max: CPU_US_MAX,
      unit: "µs",
    },
  ];
}

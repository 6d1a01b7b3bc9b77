/** How long a change takes to a thousand agents, and to one, beside what the broker and the checks take. */

import { connect } from "@nats-io/transport-node";
import { type NatsSettings, natsSettings } from "../../src/fleet/nats_settings.ts";
import { Fleet } from "../../tests/fleet/agents.ts";
import type { Broker } from "../../tests/support/nats.ts";
import type { CheckOrder, FloorOrder } from "../children/fleet_floor.ts";
import { Plane, PLACE } from "../plane/servers.ts";
import {
  check,
  type Comparison,
  median,
  type Pair,
  pairsOf,
  quantile,
} from "../support/measure.ts";
import { Floor } from "./floors.ts";
import type { Redis } from "./redis.ts";

const SUBJECT = "bench.plain";
const CHECKED_SUBJECT = "bench.checked";
const FLAG = "FLAG_0";
/** Processes over which the agents, the subscribers and the checks are spread. */
export const PROCESSES = 4;

/** Milliseconds: medians over the rounds. */
export interface ChangeTimes {
  /** Since the change was answered: it is on the disk, and is published at the same instant. */
  readonly agents: Spread;
  /** Since it was asked for. */
  readonly whole: Spread;
  readonly nats: Spread;
  /** Plain subscribers, each of which makes a bare check when it hears. */
  readonly checking: Spread;
  /** Processor time of those, in milliseconds. */
  readonly checkingWork: number;
  /** Nothing where it is not installed. */
  readonly redis: Spread | undefined;
  /** As many bare checks on the same cores, all processes at once. */
  readonly checks: number;
  /** Processor time of those checks. */
  readonly checkWork: number;
  /** Until the change was answered: it is on the disk. */
  readonly answer: number;
  /** Resident bytes of all agents' processes. */
  readonly agentBytes: number;
  /** Processor time of a change: of the agents, and of as many plain subscribers and bare checks. */
  readonly work: Comparison;
}

interface Spread {
  readonly p50: number;
  readonly p99: number;
  /** The best round's. */
  readonly best: number;
}

export function settingsOf(broker: Broker, domain?: string): NatsSettings {
  const settings = natsSettings({ servers: [broker.url], domain }, {});
  if (settings === undefined) throw new Error("bench: no server");
  return settings;
}

export async function onlineKey(plane: Plane): Promise<string> {
  const answer = await plane.call("GET", "/v1/online-key");
  return ((await answer.json()) as { publicKey: string }).publicKey;
}

export async function signedSet(plane: Plane): Promise<string> {
  return (await plane.call("GET", `${PLACE}/set`)).text();
}

export function sequenceOf(set: string): number {
  const payload = Buffer.from(set.split(".")[1] ?? "", "base64url").toString();
  return (JSON.parse(payload) as { seq: number }).seq;
}

/** @param count agents, and subscribers of each kind */
export async function changeTimes(
  broker: Broker,
  redis: Redis | undefined,
  count: number,
  rounds: number,
): Promise<ChangeTimes> {
  await using plane = await Plane.start({ IMMUCONFIG_NATS: broker.url, NODE_ENV: "production" });
  const processes = Math.min(PROCESSES, count);
  const each = Math.ceil(count / processes);
  const key = await onlineKey(plane);
  const place = { project: "bench", environment: "live", key, bait: "FLAG_31" };
  await plane.flip(FLAG, false);
  await using fleet = new Fleet(count, processes, { settings: settingsOf(broker), ...place });
  let sequence = sequenceOf(await signedSet(plane));
  await fleet.reached(sequence);
  const spread = (order: FloorOrder): Promise<Floor> =>
    Floor.start(Array.from({ length: processes }, () => order));
  const shared = { count: each, subject: SUBJECT };
  await using nats = await spread({ kind: "nats", port: broker.port, ...shared });
  await using heard =
    redis === undefined ? undefined : await spread({ kind: "redis", port: redis.port, ...shared });
  const checked = checkOrder(await signedSet(plane), key);
  await using checks = await spread({ kind: "checks", ...checked });
  const order = { port: broker.port, count: each, subject: CHECKED_SUBJECT, checked };
  await using checking = await spread({ kind: "nats", ...order });
  const publisher = await connect({ port: broker.port });
  await checks.checks(each);

  const samples: Record<"agents" | "whole" | "nats" | "checking" | "redis", number[][]> = {
    agents: [],
    whole: [],
    nats: [],
    checking: [],
    redis: [],
  };
  const checkMs: number[] = [];
  const checkingWork: number[] = [];
  const checkWork: number[] = [];
  const answers: number[] = [];
  let agentBytes = 0;
  const work: Pair[] = [];
  for (let round = 0; round < rounds; round++) {
    const text = await signedSet(plane);
    const cpu = { nats: await nats.cpu(), checks: await checks.cpu() };
    let start = now();
    publisher.publish(SUBJECT, text);
    samples.nats.push(await nats.delays(start));
    if (redis !== undefined && heard !== undefined) {
      start = now();
      await redis.publish(SUBJECT, text);
      samples.redis.push(await heard.delays(start));
    }
    checkMs.push(await checks.checks(each));
    const ofChecks = (await checks.cpu()) - cpu.checks;
    checkWork.push(ofChecks / 1e3);
    const floor = (await nats.cpu()) - cpu.nats + ofChecks;
    const beforeChecking = await checking.cpu();
    start = now();
    publisher.publish(CHECKED_SUBJECT, text);
    samples.checking.push(await checking.delays(start));
    checkingWork.push(((await checking.cpu()) - beforeChecking) / 1e3);
    const before = (await fleet.state()).cpu;
    start = now();
    await plane.flip(FLAG, round % 2 === 0);
    const answered = now();
    answers.push(answered - start);
    const state = await fleet.reached(++sequence);
    check(state.deceived === 0, "an agent was deceived");
    samples.agents.push(state.times.map((time) => time - answered));
    samples.whole.push(state.times.map((time) => time - start));
    agentBytes = state.memory;
    work.push({ subject: ((await fleet.state()).cpu - before) * 1e3, floor: floor * 1e3 });
  }
  await publisher.close();
  return {
    agents: spreadOf(samples.agents),
    whole: spreadOf(samples.whole),
    nats: spreadOf(samples.nats),
    redis: redis === undefined ? undefined : spreadOf(samples.redis),
    checking: spreadOf(samples.checking),
    checkingWork: median(checkingWork),
    checks: median(checkMs),
    checkWork: median(checkWork),
    answer: median(answers),
    agentBytes,
    work: pairsOf(work),
  };
}

function spreadOf(rounds: readonly (readonly number[])[]): Spread {
  const p99 = rounds.map((delays) => quantile(delays, 0.99));
  return {
    p50: median(rounds.map((delays) => quantile(delays, 0.5))),
    p99: median(p99),
    best: Math.min(...p99),
  };
}

function checkOrder(set: string, key: string): CheckOrder {
  const [head = "", payload = "", signature = ""] = set.split(".");
  // The header of a raw Ed25519 key in SPKI (RFC 8410).
  const spki = Buffer.concat([
    Buffer.from("302a300506032b6570032100", "hex"),
    Buffer.from(key, "hex"),
  ]);
  return {
    message: Buffer.from(`${head}.${payload}`).toString("base64"),
    signature: Buffer.from(signature, "base64url").toString("base64"),
    key: spki.toString("base64"),
  };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

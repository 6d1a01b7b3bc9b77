/** A thousand agents on a control plane, and beside them what the broker and the checks take: one change at a time. */

import { connect, type NatsConnection } from "@nats-io/transport-node";
import { Fleet } from "../../tests/fleet/agents.ts";
import type { Broker } from "../../tests/support/nats.ts";
import type { CheckOrder, FloorOrder } from "../children/fleet_floor.ts";
import { Plane } from "../plane/servers.ts";
import { check, type Pair } from "../support/measure.ts";
import { Floor } from "./floors.ts";
import { onlineKey, PROCESSES, sequenceOf, settingsOf, signedSet } from "./plane.ts";
import type { Redis } from "./redis.ts";

const SUBJECT = "bench.plain";
const CHECKED_SUBJECT = "bench.checked";
const FLAG = "FLAG_0";

/** What one change took, in milliseconds; of many hosts, each one's. */
export interface Round {
  /** Since the change was answered. */
  readonly agents: readonly number[];
  /** Since it was asked for. */
  readonly whole: readonly number[];
  /** Until it was answered. */
  readonly answer: number;
  /** Resident bytes of all agents' processes. */
  readonly agentBytes: number;
  /** Processor time of the agents, and of the plain subscribers and the checks, in nanoseconds. */
  readonly work: Pair;
  readonly floors: Floors;
}

/** The same message, without a control plane. */
interface Floors {
  readonly nats: readonly number[];
  /** Nothing where it is not installed. */
  readonly redis: readonly number[] | undefined;
  /** Subscribers of NATS that make a check as they hear. */
  readonly checking: readonly number[];
  readonly checkingWork: number;
  /** As many checks, all processes at once. */
  readonly checks: number;
  readonly checkWork: number;
  /** Processor time of the plain subscribers and the checks, in microseconds. */
  readonly work: number;
}

/** The processes that are asked for the floors. */
interface Beside {
  readonly publisher: NatsConnection;
  readonly nats: Floor;
  readonly redis: { readonly broker: Redis; readonly heard: Floor } | undefined;
  readonly checks: Floor;
  readonly checking: Floor;
  /** Checks, and subscribers, of each process. */
  readonly each: number;
}

export class Stage implements AsyncDisposable {
  readonly #plane: Plane;
  readonly #fleet: Fleet;
  readonly #beside: Beside;
  readonly #stack: AsyncDisposableStack;
  #sequence: number;

  private constructor(
    plane: Plane,
    fleet: Fleet,
    beside: Beside,
    stack: AsyncDisposableStack,
    sequence: number,
  ) {
    this.#plane = plane;
    this.#fleet = fleet;
    this.#beside = beside;
    this.#stack = stack;
    this.#sequence = sequence;
  }

  /** @param count agents, and subscribers of each kind */
  static async open(broker: Broker, redis: Redis | undefined, count: number): Promise<Stage> {
    await using stack = new AsyncDisposableStack();
    const env = { IMMUCONFIG_NATS: broker.url, NODE_ENV: "production" };
    const plane = stack.use(await Plane.start(env));
    const key = await onlineKey(plane);
    await plane.flip(FLAG, false);
    const set = await signedSet(plane);
    const processes = Math.min(PROCESSES, count);
    const place = { project: "bench", environment: "live", key, bait: "FLAG_31" };
    const fleet = stack.use(
      new Fleet(count, processes, { settings: settingsOf(broker), ...place }),
    );
    await fleet.reached(sequenceOf(set));
    const beside = await besides(stack, broker, redis, checkOrder(set, key), count);
    return new Stage(plane, fleet, beside, stack.move(), sequenceOf(set));
  }

  /** Flips the flag, after the floors. */
  async change(enabled: boolean): Promise<Round> {
    const floors = await floorsOf(this.#beside, await signedSet(this.#plane));
    const before = (await this.#fleet.state()).cpu;
    const start = now();
    await this.#plane.flip(FLAG, enabled);
    const answered = now();
    const state = await this.#fleet.reached(++this.#sequence);
    check(state.deceived === 0, "an agent was deceived");
    const work = (await this.#fleet.state()).cpu - before;
    return {
      agents: state.times.map((time) => time - answered),
      whole: state.times.map((time) => time - start),
      answer: answered - start,
      agentBytes: state.memory,
      work: { subject: work * 1e3, floor: floors.work * 1e3 },
      floors,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

async function besides(
  stack: AsyncDisposableStack,
  broker: Broker,
  redis: Redis | undefined,
  checked: CheckOrder,
  count: number,
): Promise<Beside> {
  const processes = Math.min(PROCESSES, count);
  const each = Math.ceil(count / processes);
  const start = async (order: FloorOrder): Promise<Floor> =>
    stack.use(await Floor.start(Array.from({ length: processes }, () => order)));
  const plain = { count: each, subject: SUBJECT };
  const nats = await start({ kind: "nats", port: broker.port, ...plain });
  const heard = redis && (await start({ kind: "redis", port: redis.port, ...plain }));
  const checks = await start({ kind: "checks", ...checked });
  const order = { port: broker.port, count: each, subject: CHECKED_SUBJECT, checked };
  const checking = await start({ kind: "nats", ...order });
  const publisher = await connect({ port: broker.port });
  stack.defer(() => publisher.close());
  await checks.checks(each);
  return {
    publisher,
    nats,
    redis: redis && heard && { broker: redis, heard },
    checks,
    checking,
    each,
  };
}

async function floorsOf(
  { publisher, nats, redis, checks, checking, each }: Beside,
  text: string,
): Promise<Floors> {
  const cpu = { nats: await nats.cpu(), checks: await checks.cpu() };
  const plain = await published(nats, () => publisher.publish(SUBJECT, text));
  const ofRedis =
    redis && (await published(redis.heard, () => redis.broker.publish(SUBJECT, text)));
  const checkMs = await checks.checks(each);
  const ofChecks = (await checks.cpu()) - cpu.checks;
  const work = (await nats.cpu()) - cpu.nats + ofChecks;
  const before = await checking.cpu();
  const checked = await published(checking, () => publisher.publish(CHECKED_SUBJECT, text));
  return {
    nats: plain,
    redis: ofRedis,
    checking: checked,
    checkingWork: ((await checking.cpu()) - before) / 1e3,
    checks: checkMs,
    checkWork: ofChecks / 1e3,
    work,
  };
}

async function published(heard: Floor, publish: () => unknown): Promise<number[]> {
  const start = now();
  await publish();
  return heard.delays(start);
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

/** How long a change takes to a thousand agents, and to one, beside what the broker and the checks take. */

import type { Broker } from "../../tests/support/nats.ts";
import { type Comparison, median, pairsOf, quantile } from "../support/measure.ts";
import type { Redis } from "./redis.ts";
import { type Round, Stage } from "./stage.ts";

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

/** @param count agents, and subscribers of each kind */
export async function changeTimes(
  broker: Broker,
  redis: Redis | undefined,
  count: number,
  rounds: number,
): Promise<ChangeTimes> {
  await using stage = await Stage.open(broker, redis, count);
  const made: Round[] = [];
  for (let round = 0; round < rounds; round++) made.push(await stage.change(round % 2 === 0));
  const floors = made.map((round) => round.floors);
  return {
    agents: spreadOf(made.map(({ agents }) => agents)),
    whole: spreadOf(made.map(({ whole }) => whole)),
    nats: spreadOf(floors.map(({ nats }) => nats)),
    redis: redis && spreadOf(floors.map((one) => one.redis ?? [])),
    checking: spreadOf(floors.map(({ checking }) => checking)),
    checkingWork: median(floors.map(({ checkingWork }) => checkingWork)),
    checks: median(floors.map(({ checks }) => checks)),
    checkWork: median(floors.map(({ checkWork }) => checkWork)),
    answer: median(made.map(({ answer }) => answer)),
    agentBytes: made.at(-1)?.agentBytes ?? 0,
    work: pairsOf(made.map(({ work }) => work)),
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

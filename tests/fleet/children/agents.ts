/** Many agents in one process, each with a connection, a memory and checks of its own, and without a disk. */

import { Agent, type AgentEvent } from "../../../src/agent/agent.ts";
import type { Transport } from "../../../src/agent/transport.ts";
import type { NatsSettings } from "../../../src/fleet/nats_settings.ts";
import { NatsTransport } from "../../../src/fleet/nats_transport.ts";

export interface AgentsOrder {
  readonly count: number;
  readonly settings: NatsSettings;
  readonly project: string;
  readonly environment: string;
  /** In hex. */
  readonly key: string;
  /** A flag that no true set switches. */
  readonly bait: string;
}

export interface AgentsState {
  /** What each obeys; 0 before the first. */
  readonly sequences: number[];
  /** When each obeyed its last, in milliseconds since 1970, to fractions of one. */
  readonly times: number[];
  /** Sets that were believed and should not have been. */
  readonly deceived: number;
  /** Sets that were refused. */
  readonly refused: number;
  /** Bytes. */
  readonly memory: number;
  /** Microseconds of processor time, without that of answering questions: no agent of a host is asked any. */
  readonly cpu: number;
}

class HostOfTest {
  sequence = 0;
  time = 0;
  deceived = 0;
  refused = 0;
  kept: string | undefined;
  readonly #order: AgentsOrder;

  constructor(order: AgentsOrder, name: string, signal: AbortSignal) {
    this.#order = order;
    const { settings, project, environment, key } = order;
    const keys = [Uint8Array.fromHex(key)];
    const transport: Transport = new NatsTransport({
      settings,
      project,
      environment,
      onTrouble: () => undefined,
    });
    const agent = new Agent({
      transport,
      project,
      environment,
      keys: () => keys,
      kept: { path: "memory", read: () => this.kept, write: (text) => (this.kept = text) },
      switchFlags: (wanted) =>
        Promise.resolve({ applied: wanted.map((one) => one.name), refused: [] }),
      host: name,
      file: () => undefined,
      now: Date.now,
      report: (event) => this.#note(event),
      signal,
    });
    void agent.run();
  }

  #note(event: AgentEvent): void {
    if (event.kind === "refused") this.refused++;
    if (event.kind !== "applied") return;
    const isBait = this.#order.bait in event.overrides;
    if (isBait || event.sequence < this.sequence) this.deceived++;
    this.sequence = event.sequence;
    this.time = performance.timeOrigin + performance.now();
    answerIfReached();
  }
}

/** They end with the process. */
const stop = new AbortController();
let hosts: HostOfTest[] = [];

/** What all are to obey before it is told. */
let awaited: number | undefined;

process.on("message", (message: AgentsOrder | "state" | { readonly until: number }) => {
  if (message === "state") answer();
  else if ("until" in message) {
    awaited = message.until;
    reached = 0;
    answerIfReached();
  } else {
    hosts = Array.from(
      { length: message.count },
      (_, index) => new HostOfTest(message, `h${process.pid}-${index}`, stop.signal),
    );
  }
});

/** So many of the first hosts obey what is awaited. */
let reached = 0;

/** A look at all hosts for each of them would cost more than what they do. */
function answerIfReached(): void {
  if (awaited === undefined) return;
  while (hosts[reached]?.sequence === awaited) reached++;
  if (reached < hosts.length) return;
  awaited = undefined;
  answer();
}

/** Microseconds of processor time that answers have taken. */
let answering = 0;

function answer(): void {
  const before = processorUs();
  const state: AgentsState = {
    sequences: hosts.map(({ sequence }) => sequence),
    times: hosts.map(({ time }) => time),
    deceived: hosts.reduce((sum, { deceived }) => sum + deceived, 0),
    refused: hosts.reduce((sum, { refused }) => sum + refused, 0),
    memory: process.memoryUsage.rss(),
    cpu: before - answering,
  };
  process.send?.(state);
  answering += processorUs() - before;
}

function processorUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

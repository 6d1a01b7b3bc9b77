/** Processes of many agents. */

import { join } from "node:path";
import { BUN } from "../support/run.ts";
import type { AgentsOrder, AgentsState } from "./children/agents.ts";

const CHILD = join(import.meta.dir, "children", "agents.ts");

/** Milliseconds: less than the time until a host looks by itself. */
const REACHED_MS_MAX = 60_000;

/** One process of agents. */
export class Agents implements AsyncDisposable {
  readonly process: Bun.Subprocess;
  #answer: ((state: AgentsState) => void) | undefined;

  constructor(order: AgentsOrder) {
    this.process = Bun.spawn([BUN, CHILD], {
      stdio: ["ignore", "inherit", "inherit"],
      ipc: (state: AgentsState) => this.#answer?.(state),
    });
    this.process.send(order);
  }

  state(): Promise<AgentsState> {
    return this.#ask("state");
  }

  /** Until every agent of it obeys this set. */
  reached(sequence: number): Promise<AgentsState> {
    return this.#ask({ until: sequence });
  }

  #ask(question: "state" | { readonly until: number }): Promise<AgentsState> {
    const { promise, resolve } = Promise.withResolvers<AgentsState>();
    this.#answer = resolve;
    this.process.send(question);
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.exited;
  }
}

/** Several of them, all of one fleet. */
export class Fleet implements AsyncDisposable {
  readonly processes: readonly Agents[];

  /** @param count agents in all */
  constructor(count: number, processes: number, order: Omit<AgentsOrder, "count">) {
    this.processes = Array.from(
      { length: processes },
      () => new Agents({ ...order, count: Math.ceil(count / processes) }),
    );
  }

  /** What all of them say, one after the other. */
  async state(): Promise<AgentsState> {
    return joined(await Promise.all(this.processes.map((one) => one.state())));
  }

  /** Until every agent obeys this set. */
  async reached(sequence: number): Promise<AgentsState> {
    const all = Promise.all(this.processes.map((one) => one.reached(sequence)));
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      timeout.reject(new Error(`not every agent has come to set ${sequence}`));
    }, REACHED_MS_MAX);
    try {
      return joined(await Promise.race([all, timeout.promise]));
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.processes) await one[Symbol.asyncDispose]();
  }
}

function joined(states: readonly AgentsState[]): AgentsState {
  const sum = (of: (state: AgentsState) => number): number =>
    states.reduce((total, state) => total + of(state), 0);
  return {
    sequences: states.flatMap(({ sequences }) => sequences),
    times: states.flatMap(({ times }) => times),
    deceived: sum(({ deceived }) => deceived),
    refused: sum(({ refused }) => refused),
    memory: sum(({ memory }) => memory),
    cpu: sum(({ cpu }) => cpu),
  };
}

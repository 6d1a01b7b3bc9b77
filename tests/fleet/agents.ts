/** Processes of many agents. */

import { join } from "node:path";
import { BUN } from "../support/run.ts";
import { until } from "../support/nats.ts";
import type { AgentsOrder, AgentsState } from "./children/agents.ts";

const CHILD = join(import.meta.dir, "children", "agents.ts");

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
    const { promise, resolve } = Promise.withResolvers<AgentsState>();
    this.#answer = resolve;
    this.process.send("state");
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
    const states = await Promise.all(this.processes.map((one) => one.state()));
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

  /** Until every agent obeys this set. */
  async reached(sequence: number): Promise<AgentsState> {
    let state = await this.state();
    await until(async () => {
      state = await this.state();
      return state.sequences.every((one) => one === sequence);
    });
    return state;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.processes) await one[Symbol.asyncDispose]();
  }
}

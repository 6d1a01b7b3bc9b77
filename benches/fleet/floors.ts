/** Processes of what a fleet is measured beside. */

import { join } from "node:path";
import type { FloorAnswer, FloorOrder, FloorQuestion } from "../children/fleet_floor.ts";

const CHILD = join(import.meta.dir, "..", "children", "fleet_floor.ts");

/** Milliseconds until all have heard what was published. */
const HEARD_MS_MAX = 60_000;

class FloorProcess {
  readonly process: Bun.Subprocess;
  #answer: ((answer: FloorAnswer) => void) | undefined;

  constructor() {
    this.process = Bun.spawn([process.execPath, CHILD], {
      stdio: ["ignore", "inherit", "inherit"],
      ipc: (answer: FloorAnswer) => this.#answer?.(answer),
    });
  }

  ask(question: FloorOrder | FloorQuestion): Promise<FloorAnswer> {
    const { promise, resolve } = Promise.withResolvers<FloorAnswer>();
    this.#answer = resolve;
    this.process.send(question);
    return promise;
  }
}

export class Floor implements AsyncDisposable {
  readonly #processes: readonly FloorProcess[];

  private constructor(processes: readonly FloorProcess[]) {
    this.#processes = processes;
  }

  static async start(orders: readonly FloorOrder[]): Promise<Floor> {
    const processes = orders.map(() => new FloorProcess());
    await Promise.all(orders.flatMap((order, index) => processes[index]?.ask(order) ?? []));
    return new Floor(processes);
  }

  /** Milliseconds from the start until each subscriber had the message. */
  async delays(startMs: number): Promise<number[]> {
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      timeout.reject(new Error("bench: some subscribers heard nothing"));
    }, HEARD_MS_MAX);
    try {
      const answers = await Promise.race([this.#ask({ heardSince: startMs }), timeout.promise]);
      return answers.flatMap(({ times }) => times).map((time) => time - startMs);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Milliseconds until all processes have made their checks, at once. */
  async checks(each: number): Promise<number> {
    const start = performance.now();
    await this.#ask({ checks: each });
    return performance.now() - start;
  }

  /** Microseconds of processor time of all its processes, since they began. */
  async cpu(): Promise<number> {
    return (await this.#ask("times")).reduce((sum, { cpu }) => sum + cpu, 0);
  }

  #ask(question: FloorQuestion): Promise<FloorAnswer[]> {
    return Promise.all(this.#processes.map((one) => one.ask(question)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.#processes) {
      process.kill("SIGKILL");
      await process.exited;
    }
  }
}

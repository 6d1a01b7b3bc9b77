/** The processes of a simulation's agents, and what they have told so far. */

import { ImmuconfigError } from "../../../../base/errors.ts";
import { sleep } from "../../../../base/sleep.ts";
import { CLEAN_OPTIONS } from "../../../clean_start.ts";
import { standaloneExecutable } from "../../../children/standalone_executable.ts";
import type { AgentsNews, AgentsOrder } from "./messages.ts";

/** Streams that one process may have open: Bun's own bound is 256. */
const REQUESTS_MAX = "65336";
/** The engine's last compiler: no host's agent does anything so often that it would be compiled by it. */
const LAST_COMPILER = "BUN_JSC_useFTLJIT";
/** Milliseconds between two looks at what was told. */
const LOOK_MS = 10;

export class AgentProcesses implements AsyncDisposable {
  readonly #children: Bun.Subprocess<"pipe", "pipe", "pipe">[];
  readonly #times = new Map<number, number[]>();
  readonly #costs = new Map<number, { readonly cpuMs: number; readonly rss: number }>();
  #problem = "";

  constructor(orders: readonly AgentsOrder[]) {
    const self = standaloneExecutable();
    const program = self === undefined ? [process.execPath, ...CLEAN_OPTIONS, Bun.main] : [self];
    this.#children = orders.map((order) => {
      const child = Bun.spawn([...program, "fleet", "agents"], {
        env: {
          ...process.env,
          BUN_CONFIG_MAX_HTTP_REQUESTS: REQUESTS_MAX,
          [LAST_COMPILER]: "0",
        },
        stdio: ["pipe", "pipe", "pipe"],
      });
      void child.stdin.write(JSON.stringify(order));
      void child.stdin.flush();
      return child;
    });
    this.#children.forEach((child, index) => void this.#hear(child, index));
  }

  /** Of all processes together. */
  get cost(): { readonly cpuMs: number; readonly rss: number } {
    const costs = [...this.#costs.values()];
    return {
      cpuMs: costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      rss: costs.reduce((sum, { rss }) => sum + rss, 0),
    };
  }

  /**
   * Waits until so many agents have a set.
   *
   * @returns when each had it, ascending, in milliseconds since 1970; fewer where it took too long
   * @throws ImmuconfigError `ERR_SUBPROCESS` where a process has ended
   */
  async reached(sequence: number, count: number, withinMs: number): Promise<number[]> {
    const end = performance.now() + withinMs;
    while ((this.#times.get(sequence)?.length ?? 0) < count && performance.now() < end) {
      if (this.#children.some(({ exitCode }) => exitCode !== null)) {
        throw new ImmuconfigError("ERR_SUBPROCESS", `a process of agents ended: ${this.#problem}`, {
          hint: "Simulate fewer hosts, or let a process open more files: ulimit -n.",
        });
      }
      await sleep(LOOK_MS);
    }
    return (this.#times.get(sequence) ?? []).toSorted((a, b) => a - b);
  }

  /** The last that an agent complained of. */
  get problem(): string {
    return this.#problem;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) void child.stdin.end();
    const late = setTimeout(() => this.#children.forEach((child) => child.kill("SIGKILL")), 3000);
    await Promise.all(this.#children.map(({ exited }) => exited));
    clearTimeout(late);
  }

  async #hear(child: Bun.Subprocess<"pipe", "pipe", "pipe">, index: number): Promise<void> {
    void this.#hearProblems(child.stderr);
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      text += decoder.decode(chunk, { stream: true });
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const { sequence, times, cpuMs, rss } = JSON.parse(line) as AgentsNews;
        this.#times.set(sequence, [...(this.#times.get(sequence) ?? []), ...times]);
        this.#costs.set(index, { cpuMs, rss });
      }
    }
  }

  async #hearProblems(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.#problem = decoder.decode(chunk).trim().split("\n").at(-1) ?? "";
    }
  }
}

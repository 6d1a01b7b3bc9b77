/** Work that somebody has asked for, and looks at again while it goes on: how far it is, and its end. */

import { messageOf } from "../base/errors.ts";
import { Refusal } from "./domain/refusal.ts";

type RunState = "running" | "done" | "failed" | "cancelled";

/** How far it is, and how it ended. */
export type RunView<Progress> = Progress & {
  readonly state: RunState;
  /** Why it has failed, in words. */
  readonly problem: string | null;
};

interface Run<Progress> {
  readonly progress: () => Progress;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  state: RunState;
  problem: string | null;
}

/** The oldest that has ended goes for a new one. */
const KEPT_MAX = 64;

export class Runs<Progress> {
  readonly #what: string;
  readonly #runningMax: number;
  readonly #all = new Map<string, Run<Progress>>();

  /**
   * @param what one of them is called
   * @param runningMax how many may go on at once
   */
  constructor(what: string, runningMax: number) {
    this.#what = what;
    this.#runningMax = runningMax;
  }

  /**
   * @param work does it, and rejects where it cannot, or was told to stop
   * @param progress how far it is
   * @throws Refusal `too-many-requests`
   */
  start(
    id: string,
    work: (signal: AbortSignal) => Promise<void>,
    progress: () => Progress,
  ): RunView<Progress> {
    const running = [...this.#all.values()].filter(({ state }) => state === "running");
    if (running.length >= this.#runningMax) {
      throw new Refusal(
        "too-many-requests",
        `${this.#runningMax} ${this.#what}s are under way, and no more go on at once`,
        5,
      );
    }
    const stop = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const one: Run<Progress> = { progress, stop, ended, state: "running", problem: null };
    this.#all.set(id, one);
    if (this.#all.size > KEPT_MAX) this.#forgetOldest();
    void follow(one, work(stop.signal)).then(resolve);
    return viewOf(one);
  }

  /** @throws Refusal `not-found` */
  find(id: string): RunView<Progress> {
    return viewOf(this.#get(id));
  }

  /** @throws Refusal `not-found` */
  cancel(id: string): void {
    this.#get(id).stop.abort(new Error("it was cancelled"));
  }

  /** Ends all of them, and waits until they have. */
  async stop(): Promise<void> {
    const all = [...this.#all.values()];
    for (const { stop } of all) stop.abort(new Error("the server stops"));
    await Promise.all(all.map(({ ended }) => ended));
  }

  #get(id: string): Run<Progress> {
    const one = this.#all.get(id);
    if (one === undefined) throw new Refusal("not-found", `there is no such ${this.#what}`);
    return one;
  }

  /** What goes on stays: it may be somebody else's. */
  #forgetOldest(): void {
    for (const [id, { state }] of this.#all) {
      if (state === "running") continue;
      this.#all.delete(id);
      return;
    }
  }
}

async function follow(one: Run<unknown>, work: Promise<void>): Promise<void> {
  try {
    await work;
    one.state = "done";
  } catch (error) {
    one.state = one.stop.signal.aborted ? "cancelled" : "failed";
    one.problem = messageOf(error);
  }
}

function viewOf<Progress>({ state, progress, problem }: Run<Progress>): RunView<Progress> {
  return { state, ...progress(), problem };
}

/** Checks of the whole audit log that somebody has asked for, in threads: how far each is, and its end. */

import { messageOf } from "../base/errors.ts";
import { EMPTY_CHAIN } from "./domain/audit_chain.ts";
import { Refusal } from "./domain/refusal.ts";
import type { Engine } from "./engine.ts";
import { ChainCheck } from "./workers/chain_check.ts";
import type { WorkerPool } from "./workers/pool.ts";

export interface Verification {
  readonly verification: string;
  readonly state: "running" | "done" | "failed" | "cancelled";
  /** Rows that hold, of how many. */
  readonly checked: number;
  readonly total: number;
  /** Why it has failed, in words. */
  readonly problem: string | null;
}

interface Running {
  readonly check: ChainCheck;
  readonly stop: AbortController;
  readonly total: number;
  state: Verification["state"];
  problem: string | null;
}

const RUNNING_MAX = 4;
/** The oldest goes for a new one. */
const KEPT_MAX = 64;
const LOAD_ROWS = 500;

export class Verifications {
  readonly #engine: Engine;
  readonly #pool: WorkerPool;
  readonly #all = new Map<string, Running>();

  constructor(engine: Engine, pool: WorkerPool) {
    this.#engine = engine;
    this.#pool = pool;
  }

  /** @throws Refusal `too-many-requests` */
  start(): Verification {
    const running = [...this.#all.values()].filter(({ state }) => state === "running");
    if (running.length >= RUNNING_MAX) {
      throw new Refusal("too-many-requests", `${RUNNING_MAX} verifications run already`);
    }
    const stop = new AbortController();
    const total = this.#engine.state.head.sequence;
    const check = new ChainCheck(this.#pool, stop.signal);
    const id = crypto.randomUUID();
    const one: Running = { check, stop, total, state: "running", problem: null };
    this.#all.set(id, one);
    const [oldest] = this.#all.keys();
    if (this.#all.size > KEPT_MAX && oldest !== undefined) this.cancel(oldest, true);
    void this.#run(one);
    return viewOf(id, one);
  }

  /** @throws Refusal `not-found` */
  find(id: string): Verification {
    const one = this.#all.get(id);
    if (one === undefined) throw new Refusal("not-found", "there is no such verification");
    return viewOf(id, one);
  }

  /**
   * @param forget it, too
   * @throws Refusal `not-found`
   */
  cancel(id: string, forget = false): void {
    this.find(id);
    this.#all.get(id)?.stop.abort(new Error("it was cancelled"));
    if (forget) this.#all.delete(id);
  }

  async #run(one: Running): Promise<void> {
    const { check, stop, total } = one;
    try {
      let head = EMPTY_CHAIN;
      while (head.sequence < total) {
        const limit = Math.min(LOAD_ROWS, total - head.sequence);
        const rows = await this.#engine.store.rows(head.sequence, limit);
        await check.add(head, rows);
        const last = rows.at(-1);
        if (last === undefined) throw new Error(`the log ends at row ${head.sequence}`);
        head = last;
      }
      await check.finish();
      one.state = "done";
    } catch (error) {
      one.state = stop.signal.aborted ? "cancelled" : "failed";
      one.problem = messageOf(error);
    }
  }
}

function viewOf(verification: string, { check, total, state, problem }: Running): Verification {
  return { verification, state, checked: check.checked, total, problem };
}

/** Checks of the whole audit log that somebody has asked for, in threads. */

import { EMPTY_CHAIN } from "./domain/audit_chain.ts";
import type { Engine } from "./engine.ts";
import { Runs, type RunView } from "./runs.ts";
import { ChainCheck } from "./workers/chain_check.ts";
import type { WorkerPool } from "./workers/pool.ts";

type Verification = RunView<Progress> & { readonly verification: string };

interface Progress {
  /** Rows that hold, of how many. */
  readonly checked: number;
  readonly total: number;
}

const RUNNING_MAX = 4;
const LOAD_ROWS = 500;

export class Verifications {
  readonly #engine: Engine;
  readonly #pool: WorkerPool;
  readonly #runs = new Runs<Progress>("verification", RUNNING_MAX);

  constructor(engine: Engine, pool: WorkerPool) {
    this.#engine = engine;
    this.#pool = pool;
  }

  /** @throws Refusal `too-many-requests` */
  start(): Verification {
    const total = this.#engine.state.head.sequence;
    let check: ChainCheck | undefined;
    const verification = crypto.randomUUID();
    const view = this.#runs.start(
      verification,
      (signal) => this.#run((check = new ChainCheck(this.#pool, signal)), total),
      () => ({ checked: check?.checked ?? 0, total }),
    );
    return { verification, ...view };
  }

  /** @throws Refusal `not-found` */
  find(verification: string): Verification {
    return { verification, ...this.#runs.find(verification) };
  }

  /** @throws Refusal `not-found` */
  cancel(id: string): void {
    this.#runs.cancel(id);
  }

  async #run(check: ChainCheck, total: number): Promise<void> {
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
  }
}

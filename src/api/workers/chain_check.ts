/** Checks a chain of the audit log in threads, piece by piece. */

import { type AuditRow, type ChainHead, checkAuditRow } from "../domain/audit_chain.ts";
import { TASK } from "./messages.ts";
import type { WorkerPool } from "./pool.ts";

/** Pieces that are checked or wait for it: what is read ahead stays in memory. */
const PIECES_MAX = 8;

/** Rows, and what the first one follows. */
interface ChainPiece {
  readonly head: ChainHead;
  readonly rows: readonly unknown[];
}

export class ChainCheck {
  readonly #pool: WorkerPool;
  readonly #signal: AbortSignal | undefined;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly reason: unknown } | undefined;
  #checked = 0;

  /** @param signal ends it */
  constructor(pool: WorkerPool, signal?: AbortSignal) {
    this.#pool = pool;
    this.#signal = signal;
  }

  /** Rows that hold. */
  get checked(): number {
    return this.#checked;
  }

  /**
   * Has rows checked, and waits while too many are.
   *
   * @param head the row before them, or the empty chain
   * @throws Error naming the first row found that does not follow the one before it; the signal's reason
   */
  async add(head: ChainHead, rows: readonly AuditRow[]): Promise<void> {
    this.#throwFailure();
    const { sequence, time, digest } = head;
    const task: ChainPiece = { head: { sequence, time, digest }, rows };
    const piece = new TextEncoder().encode(JSON.stringify(task));
    const middle = Math.floor(rows.length / 2);
    const [last] = rows.slice(middle - 1);
    if (piece.byteLength > this.#pool.payloadMax && last !== undefined && middle > 0) {
      await this.add(head, rows.slice(0, middle));
      await this.add(last, rows.slice(middle));
      return;
    }
    while (this.#running.size >= PIECES_MAX) await Promise.race(this.#running);
    this.#throwFailure();
    const run = this.#pool.run(TASK.chain, piece, this.#signal).then(
      () => void (this.#checked += rows.length),
      (reason: unknown) => void (this.#failure ??= { reason }),
    );
    const settled = run.finally(() => this.#running.delete(settled));
    this.#running.add(settled);
  }

  /** Waits for what was added. @throws as `add` */
  async finish(): Promise<void> {
    await Promise.all(this.#running);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
    this.#signal?.throwIfAborted();
  }
}

/** A thread's part. @throws ImmuconfigError `ERR_FORMAT` */
export function checkPiece(payload: Uint8Array): void {
  const { head, rows } = JSON.parse(new TextDecoder().decode(payload)) as ChainPiece;
  let last = head;
  for (const row of rows) last = checkAuditRow(last, row);
}

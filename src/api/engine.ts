/**
 * The one place where the control plane changes: commands wait in a queue, a batch of them is decided
 * on the newest state, made durable in one commit, and only then seen by readers and answered.
 */

import { ImmuconfigError } from "../base/errors.ts";
import { type AuditRow, checkRow, nextRow } from "./domain/audit_chain.ts";
import type { Store } from "./db/store.ts";
import { ChainCheck } from "./workers/chain_check.ts";
import type { WorkerPool } from "./workers/pool.ts";
import type { Change, DecidedChange } from "./domain/change.ts";
import { applyRow } from "./domain/fold.ts";
import { EMPTY_STATE, type State } from "./domain/state.ts";

/** What a command comes to, given the state that it meets. It throws when it may not be. */
export type Decision = (state: State, now: number) => DecidedChange;

type Listener = (state: State, rows: readonly AuditRow[]) => void;

interface Command {
  readonly actor: string;
  readonly decide: Decision;
  resolve(row: AuditRow): void;
  reject(reason: unknown): void;
}

interface Decided {
  readonly command: Command;
  readonly last: AuditRow;
}

/** Rows read at once while the log is loaded. */
const LOAD_ROWS = 1000;
/** Commands in one commit. */
const BATCH_MAX = 256;
/** Commands that may wait; more are refused. */
const QUEUE_MAX = 4096;

export class Engine {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #queue: Command[] = [];
  readonly #listeners = new Set<Listener>();
  #state: State;
  #running: Promise<void> | undefined;

  private constructor(store: Store, state: State, now: () => number) {
    this.#store = store;
    this.#state = state;
    this.#now = now;
  }

  /**
   * Loads the audit log and checks its chain: a long one in threads, while it is folded here.
   *
   * @throws ImmuconfigError `ERR_FORMAT` when the chain is broken; what the store throws
   */
  static async start(store: Store, now: () => number, pool: WorkerPool): Promise<Engine> {
    const check = new ChainCheck(pool);
    let state = EMPTY_STATE;
    try {
      for (let isLast = false; !isLast;) {
        const rows = await store.rows(state.head.sequence, LOAD_ROWS);
        isLast = rows.length < LOAD_ROWS;
        // A short log is checked before a thread would have started.
        if (isLast) state = foldChecked(state, rows);
        else {
          await check.add(state.head, rows);
          for (const row of rows) state = applyRow(state, row);
        }
      }
    } catch (error) {
      // A row that is not what was kept may be one that cannot be folded.
      await check.finish();
      throw error;
    }
    await check.finish();
    return new Engine(store, state, now);
  }

  /** The newest durable state. */
  get state(): State {
    return this.#state;
  }

  get store(): Store {
    return this.#store;
  }

  /** @returns ends the calls */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Makes a change. It is durable, with all that follows from it, when this resolves.
   *
   * @param actor who asks, as the log names them
   * @returns the last row
   * @throws what `decide` throws; ImmuconfigError `ERR_BUSY` when too many wait, `ERR_WRITE`
   */
  change(actor: string, decide: Decision): Promise<AuditRow> {
    if (this.#queue.length >= QUEUE_MAX) {
      const hint = "Try again in a moment.";
      return Promise.reject(new ImmuconfigError("ERR_BUSY", "too many changes wait", { hint }));
    }
    const { promise, resolve, reject } = Promise.withResolvers<AuditRow>();
    this.#queue.push({ actor, decide, resolve, reject });
    this.#running ??= this.#run();
    return promise;
  }

  /** Waits for the changes under way and closes the store. */
  async close(): Promise<void> {
    await this.#running;
    await this.#store.close();
  }

  async #run(): Promise<void> {
    // Commands of one turn of the event loop share a commit.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#commit(this.#queue.splice(0, BATCH_MAX));
    this.#running = undefined;
  }

  async #commit(batch: readonly Command[]): Promise<void> {
    const before = this.#state;
    let next = before;
    const rows: AuditRow[] = [];
    const blobs = new Map<string, Uint8Array>();
    const decided: Decided[] = [];
    for (const command of batch) {
      try {
        const now = this.#now();
        const { change, blob, consequences = [] } = command.decide(next, now);
        const grown = grow(next, command.actor, [change, ...consequences], now);
        next = grown.state;
        rows.push(...grown.rows);
        if (blob !== undefined && "digest" in change) blobs.set(change.digest, blob);
        decided.push({ command, last: grown.last });
      } catch (error) {
        command.reject(error);
      }
    }
    if (rows.length === 0) return;
    try {
      await this.#store.append({ after: before.head.sequence, rows, blobs });
    } catch (error) {
      await this.#recover(error, decided);
      return;
    }
    this.#publish(next, rows);
    for (const { command, last } of decided) command.resolve(last);
  }

  /** After a conflict the commands are decided anew; any other failure is theirs. */
  async #recover(error: unknown, decided: readonly Decided[]): Promise<void> {
    const commands = decided.map(({ command }) => command);
    if (!(error instanceof ImmuconfigError) || error.code !== "ERR_CONFLICT") {
      for (const command of commands) command.reject(error);
      return;
    }
    try {
      await catchUp(this.#store, this.#state, (state, rows) => this.#publish(state, rows));
      this.#queue.unshift(...commands);
    } catch (reason) {
      for (const command of commands) command.reject(reason);
    }
  }

  #publish(state: State, rows: readonly AuditRow[]): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state, rows);
  }
}

/** A change and all that follows from it, as the rows after a state; whole, or it throws. */
function grow(
  from: State,
  actor: string,
  [first, ...consequences]: readonly [Change, ...Change[]],
  now: number,
): { readonly state: State; readonly rows: readonly AuditRow[]; readonly last: AuditRow } {
  let last = nextRow(from.head, actor, first, now);
  let state = applyRow(from, last);
  const rows = [last];
  for (const change of consequences) {
    last = nextRow(state.head, actor, change, now);
    state = applyRow(state, last);
    rows.push(last);
  }
  return { state, rows, last };
}

/** Reads what the log holds after a state, and hands it on in pieces. */
async function catchUp(store: Store, from: State, took: Listener): Promise<State> {
  let state = from;
  while (true) {
    const rows = await store.rows(state.head.sequence, LOAD_ROWS);
    state = foldChecked(state, rows);
    if (rows.length > 0) took(state, rows);
    if (rows.length < LOAD_ROWS) return state;
  }
}

function foldChecked(state: State, rows: readonly AuditRow[]): State {
  let next = state;
  for (const row of rows) {
    checkRow(next.head, row);
    next = applyRow(next, row);
  }
  return next;
}

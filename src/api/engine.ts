/**
 * The one place where the control plane changes: commands wait in a queue, a batch of them is decided
 * on the newest state, made durable in one commit, and only then seen by readers and answered.
 */

import { ImmuconfigError } from "../base/errors.ts";
import { type AuditRow, nextRow } from "./domain/audit_chain.ts";
import type { Claim, Commit, KeptClaim, Store } from "./db/store.ts";
import { catchUp, foldChecked, LOAD_ROWS } from "./log_reader.ts";
import { ChainCheck } from "./workers/chain_check.ts";
import type { WorkerPool } from "./workers/pool.ts";
import type { Change, DecidedChange } from "./domain/change.ts";
import { applyRow } from "./domain/fold.ts";
import { EMPTY_STATE, type State } from "./domain/state.ts";
import type { Log } from "./log.ts";

/** What a command comes to, given the state that it meets. It throws when it may not be. */
export type Decision = (state: State, now: number) => DecidedChange;

type Listener = (state: State, rows: readonly AuditRow[]) => void;

interface EngineOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Where the faults of listeners go. */
  readonly log: Pick<Log, "fault">;
}

interface Command {
  readonly actor: string;
  readonly decide: Decision;
  readonly claim: Claim | undefined;
  resolve(row: AuditRow): void;
  reject(reason: unknown): void;
}

interface Decided {
  readonly command: Command;
  readonly last: AuditRow;
}

/** A change that was made before, under the same name: nothing was changed again. */
export class MadeBefore extends Error {
  readonly claim: KeptClaim;

  constructor(claim: KeptClaim) {
    super(`row ${claim.sequence} made this change`);
    this.claim = claim;
  }
}

/** Commands in one commit. */
const BATCH_MAX = 256;
/** Commands that may wait; more are refused. */
const QUEUE_MAX = 4096;

export class Engine {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #log: Pick<Log, "fault">;
  readonly #queue: Command[] = [];
  readonly #listeners = new Set<Listener>();
  #state: State;
  #running: Promise<void> | undefined;
  /** Of those who want what others have written, and have not begun to be served. */
  #refresh: PromiseWithResolvers<void> | undefined;

  private constructor(store: Store, state: State, { now, log }: EngineOptions) {
    this.#store = store;
    this.#state = state;
    this.#now = now;
    this.#log = log;
  }

  /**
   * Loads the audit log and checks its chain: a long one in threads, while it is folded here.
   *
   * @throws ImmuconfigError `ERR_FORMAT` when the chain is broken; what the store throws
   */
  static async start(store: Store, pool: WorkerPool, options: EngineOptions): Promise<Engine> {
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
    return new Engine(store, state, options);
  }

  /** The newest durable state. */
  get state(): State {
    return this.#state;
  }

  /** Whether others write to the log, too. */
  get isShared(): boolean {
    return this.#store.shared !== undefined;
  }

  get store(): Store {
    return this.#store;
  }

  /**
   * @param listener hears of each change once it is durable; one that throws stops neither the others nor the change
   * @returns ends the calls
   */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Makes a change. It is durable, with all that follows from it, when this resolves.
   *
   * @param actor who asks, as the log names them
   * @param claim under what the change is made once
   * @returns the last row
   * @throws what `decide` throws; MadeBefore; ImmuconfigError `ERR_BUSY` when too many wait, `ERR_WRITE`
   */
  change(actor: string, decide: Decision, claim?: Claim): Promise<AuditRow> {
    if (this.#queue.length >= QUEUE_MAX) {
      const hint = "Try again in a moment.";
      return Promise.reject(new ImmuconfigError("ERR_BUSY", "too many changes wait", { hint }));
    }
    const { promise, resolve, reject } = Promise.withResolvers<AuditRow>();
    this.#queue.push({ actor, decide, claim, resolve, reject });
    this.#running ??= this.#run();
    return promise;
  }

  /**
   * Brings the state to where the log is now, where other servers write to it, too.
   *
   * @throws ImmuconfigError `ERR_FORMAT` when the database has another log; `ERR_WRITE` when it does not answer
   */
  refresh(): Promise<void> {
    if (this.#store.shared === undefined) return Promise.resolve();
    this.#refresh ??= Promise.withResolvers();
    this.#running ??= this.#run();
    return this.#refresh.promise;
  }

  /** Waits for the changes under way and closes the store. */
  async close(): Promise<void> {
    await this.#running;
    await this.#store.close();
  }

  async #run(): Promise<void> {
    // Commands of one turn of the event loop share a commit.
    await Promise.resolve();
    while (true) {
      const refresh = this.#refresh;
      if (refresh !== undefined) {
        this.#refresh = undefined;
        await this.#catchUp().then(() => refresh.resolve(), refresh.reject);
      } else if (this.#queue.length > 0) await this.#commit(this.#queue.splice(0, BATCH_MAX));
      else break;
    }
    this.#running = undefined;
  }

  async #commit(commands: readonly Command[]): Promise<void> {
    const batch = await this.#unclaimed(commands);
    const before = this.#state;
    let next = before;
    const rows: AuditRow[] = [];
    const blobs = new Map<string, Uint8Array>();
    const claims: Commit["claims"][number][] = [];
    const decided: Decided[] = [];
    for (const command of batch) {
      try {
        const now = this.#now();
        const { change, blob, consequences = [] } = command.decide(next, now);
        const grown = grow(next, command.actor, [change, ...consequences], now);
        next = grown.state;
        rows.push(...grown.rows);
        if (blob !== undefined && "digest" in change) blobs.set(change.digest, blob);
        const { sequence } = grown.last;
        if (command.claim !== undefined) claims.push({ ...command.claim, sequence });
        decided.push({ command, last: grown.last });
      } catch (error) {
        command.reject(error);
      }
    }
    if (rows.length === 0) return;
    try {
      await this.#store.append({ after: before.head, rows, blobs, claims });
    } catch (error) {
      await this.#recover(error, decided);
      return;
    }
    this.#publish(next, rows);
    for (const { command, last } of decided) command.resolve(last);
  }

  /**
   * Those commands whose claims are free. One that another server takes from now on comes with rows that this
   * one does not know, so that the commit is refused.
   */
  async #unclaimed(commands: readonly Command[]): Promise<readonly Command[]> {
    const names = commands.flatMap(({ claim }) => (claim === undefined ? [] : [claim.name]));
    if (names.length === 0) return commands;
    let kept: ReadonlyMap<string, KeptClaim>;
    try {
      const found = await this.#store.claims(names);
      kept = new Map(found.map((claim) => [claim.name, claim]));
    } catch (error) {
      for (const command of commands) if (command.claim !== undefined) command.reject(error);
      return commands.filter(({ claim }) => claim === undefined);
    }
    return commands.filter((command) => {
      const { claim } = command;
      const made = claim === undefined ? undefined : kept.get(claim.name);
      if (claim === undefined || made === undefined || made.ends <= claim.made) return true;
      command.reject(new MadeBefore(made));
      return false;
    });
  }

  /**
   * After a conflict the commands are decided anew. After any other failure they are refused, but for those
   * whose commit was made though its answer was lost.
   */
  async #recover(error: unknown, decided: readonly Decided[]): Promise<void> {
    const isConflict = error instanceof ImmuconfigError && error.code === "ERR_CONFLICT";
    let found: ReadonlySet<string>;
    try {
      found = await this.#catchUp();
    } catch (reason) {
      for (const { command } of decided) command.reject(isConflict ? reason : error);
      return;
    }
    const again: Command[] = [];
    for (const { command, last } of decided) {
      if (found.has(last.digest)) command.resolve(last);
      else if (isConflict) again.push(command);
      else command.reject(error);
    }
    this.#queue.unshift(...again);
  }

  /** @returns the digests of the rows that were not known */
  async #catchUp(): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    await catchUp(this.#store, this.#state, (state, rows) => {
      for (const { digest } of rows) found.add(digest);
      this.#publish(state, rows);
    });
    return found;
  }

  #publish(state: State, rows: readonly AuditRow[]): void {
    this.#state = state;
    for (const listener of this.#listeners) {
      try {
        listener(state, rows);
      } catch (error) {
        this.#log.fault("publish", error);
      }
    }
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

/**
 * Keeps the state up with what other servers write: at once when the database tells of it, and at intervals,
 * because what it tells can be lost with a connection.
 */

import type { AuditRow } from "./domain/audit_chain.ts";
import type { SharedStore } from "./db/store.ts";
import type { Engine } from "./engine.ts";
import type { Log } from "./log.ts";
import type { RecordFiles } from "./record_files.ts";

/** Milliseconds between two looks that nothing asks for. */
const LOOK_MS = 5000;

interface Options {
  readonly engine: Engine;
  readonly files: RecordFiles;
  readonly shared: SharedStore;
  readonly log: Log;
}

export class LogFollower {
  readonly #options: Options;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #unsubscribe: () => void;
  #end: () => Promise<void> = () => Promise.resolve();
  /** One line for each time that the database is away, not one for each look. */
  #fails = false;

  private constructor(options: Options) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#unsubscribe = options.engine.subscribe((_, rows) => this.#readRecords(rows));
  }

  /** @throws ImmuconfigError `ERR_WRITE` when the database does not answer */
  static async start(options: Options): Promise<LogFollower> {
    const follower = new LogFollower(options);
    const { engine, shared } = options;
    try {
      follower.#end = await shared.follow((sequence) => {
        if ((sequence ?? Infinity) > engine.state.head.sequence) void follower.#look();
      });
    } catch (error) {
      await follower.stop();
      throw error;
    }
    return follower;
  }

  /** Must come before the store is closed. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe();
    await this.#end();
  }

  /** One that another server was given is here before somebody asks for it, or the database goes. */
  #readRecords(rows: readonly AuditRow[]): void {
    const { files, log } = this.#options;
    for (const { change } of rows) {
      if (change.kind !== "record.pushed") continue;
      files.read(change.digest).catch((error: unknown) => log.fault("records", error));
    }
  }

  async #look(): Promise<void> {
    try {
      await this.#options.engine.refresh();
      this.#fails = false;
    } catch (error) {
      if (!this.#fails) this.#options.log.fault("follow", error);
      this.#fails = true;
    }
  }
}

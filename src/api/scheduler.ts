/** Does at its time what is planned: overrides end, schedules come. */

import type { AuditRow } from "./domain/audit_chain.ts";
import { dueChange, nextDue } from "./domain/due.ts";
import { Refusal } from "./domain/refusal.ts";
import { allPlaces, changedPlaces, environmentIn, type Place, placeName } from "./domain/places.ts";
import type { State } from "./domain/state.ts";
import type { Engine } from "./engine.ts";
import type { Log } from "./log.ts";
import type { RecordFiles } from "./record_files.ts";

/** Milliseconds between two looks at the clock, which may be set. */
const LOOK_MS = 1000;
/** Milliseconds until what failed is tried again, at most. */
const RETRY_MS_MAX = 30_000;

interface Due {
  readonly place: Place;
  readonly at: number;
}

interface Options {
  readonly engine: Engine;
  readonly files: RecordFiles;
  readonly now: () => number;
  readonly log: Log;
}

export class Scheduler {
  readonly #options: Options;
  readonly #due = new Map<string, Due>();
  readonly #unsubscribe: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #retryMs = LOOK_MS;
  #stopped = false;

  /** Begins with what came due while no server ran. */
  constructor(options: Options) {
    this.#options = options;
    const { engine } = options;
    for (const place of allPlaces(engine.state)) this.#note(engine.state, place);
    this.#unsubscribe = engine.subscribe((state, rows) => this.#changed(state, rows));
    this.#arm(0);
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    await this.#running;
  }

  #changed(state: State, rows: readonly AuditRow[]): void {
    for (const place of changedPlaces(rows)) this.#note(state, place);
    if (this.#running === undefined) this.#arm(0);
  }

  #note(state: State, place: Place): void {
    const name = placeName(place);
    const environment = environmentIn(state, place);
    const at = environment === undefined ? undefined : nextDue(environment);
    if (at === undefined) this.#due.delete(name);
    else this.#due.set(name, { place, at });
  }

  /** @param least milliseconds to wait at least */
  #arm(least: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#due.size === 0) return;
    const earliest = Math.min(...[...this.#due.values()].map(({ at }) => at));
    const wait = Math.max(least, Math.min(LOOK_MS, earliest - this.#options.now()));
    this.#timer = setTimeout(() => {
      this.#running = this.#look();
    }, wait);
  }

  async #look(): Promise<void> {
    const least = await this.#run();
    this.#running = undefined;
    this.#arm(least);
  }

  /** @returns milliseconds until the next look at least */
  async #run(): Promise<number> {
    try {
      for (const { place, at } of this.#due.values()) {
        if (at <= this.#options.now()) await this.#do(place);
      }
      this.#retryMs = LOOK_MS;
      return 0;
    } catch (error) {
      this.#options.log.fault("schedule", error);
      this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX);
      return this.#retryMs;
    }
  }

  /** One thing, of one environment; what else is due there comes with the next look. */
  async #do(place: Place): Promise<void> {
    const { engine, files } = this.#options;
    const environment = environmentIn(engine.state, place);
    if (environment === undefined) return;
    const digest = environment.records.at(-1)?.digest;
    const found = await files.newest(environment);
    const record =
      found === undefined || digest === undefined ? undefined : { digest, file: found.file };
    try {
      await engine.change("server", (state, now) => dueChange(state, place, record, now));
    } catch (error) {
      // Another server was quicker, or a record came in between: it is looked at again.
      if (!(error instanceof Refusal)) throw error;
      this.#note(engine.state, place);
    }
  }
}

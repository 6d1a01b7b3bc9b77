/**
 * Brings the next wave of a rollout at its time, or halts it where its health address says so. What it
 * knows is in the audit log, so a server that starts again goes on where the last one was.
 */

import type { AuditRow } from "./domain/audit_chain.ts";
import { allPlaces, changedPlaces, environmentIn, type Place, placeName } from "./domain/places.ts";
import { Refusal } from "./domain/refusal.ts";
import { advance } from "./domain/rollout.ts";
import { nextWave } from "./domain/waves.ts";
import type { Override, Rollout, State } from "./domain/state.ts";
import type { Engine } from "./engine.ts";
import type { HealthLooks } from "./health_looks.ts";
import type { Log } from "./log.ts";

/** Milliseconds between two looks at the clock, which may be set; and after a fault. */
const LOOK_MS = 1000;
/** Health addresses that are asked at once; more wait for the next look. */
const ASKED_MAX = 32;

interface Options {
  readonly engine: Engine;
  readonly health: HealthLooks;
  readonly now: () => number;
  readonly log: Log;
}

interface Waiting {
  readonly place: Place;
  readonly flag: string;
  readonly rollout: Rollout;
  readonly at: number;
}

export class Rollouts {
  readonly #options: Options;
  /** Of each environment that has any. */
  readonly #waiting = new Map<string, readonly Waiting[]>();
  readonly #running = new Map<Rollout, Promise<void>>();
  readonly #unsubscribe: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(options: Options) {
    this.#options = options;
    const { engine } = options;
    for (const place of allPlaces(engine.state)) this.#note(engine.state, place);
    this.#unsubscribe = engine.subscribe((state, rows) => this.#changed(state, rows));
    this.#arm();
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    await Promise.all(this.#running.values());
  }

  #changed(state: State, rows: readonly AuditRow[]): void {
    for (const place of changedPlaces(rows)) this.#note(state, place);
    this.#arm();
  }

  #note(state: State, place: Place): void {
    const name = placeName(place);
    const overrides = [...(environmentIn(state, place)?.overrides.values() ?? [])];
    const waiting = overrides.flatMap((override) => waitingOf(place, override));
    if (waiting.length === 0) this.#waiting.delete(name);
    else this.#waiting.set(name, waiting);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const times = [...this.#waiting.values()]
      .flat()
      .filter(({ rollout }) => !this.#running.has(rollout));
    if (times.length === 0) return;
    const wait = Math.min(...times.map(({ at }) => at)) - this.#options.now();
    this.#timer = setTimeout(() => this.#look(), Math.max(0, Math.min(LOOK_MS, wait)));
  }

  #look(): void {
    const now = this.#options.now();
    for (const one of [...this.#waiting.values()].flat()) {
      if (this.#running.size >= ASKED_MAX) break;
      if (one.at > now || this.#running.has(one.rollout)) continue;
      const running = this.#bring(one).finally(() => {
        this.#running.delete(one.rollout);
        this.#arm();
      });
      this.#running.set(one.rollout, running);
    }
    this.#arm();
  }

  async #bring({ place, flag, rollout }: Waiting): Promise<void> {
    const { engine, health, log } = this.#options;
    const { haltIf } = rollout;
    const problem = haltIf === null ? null : await health.look(haltIf);
    try {
      await engine.change("server", (state, now) =>
        advance(state, place, flag, rollout, problem, now),
      );
    } catch (error) {
      // Somebody, or another server, was quicker: what is there now was noted when it came.
      if (error instanceof Refusal) return;
      log.fault("rollout", error);
      await Bun.sleep(LOOK_MS);
    }
  }
}

function waitingOf(place: Place, override: Override): Waiting[] {
  const { flag, rollout } = override;
  const at = nextWave(override);
  return rollout === null || at === undefined ? [] : [{ place, flag, rollout, at }];
}

/**
 * The signed set itself in the events of those who ask for it: a change is one message to each host, and
 * not one message and a request.
 */

import type { AuditRow } from "../domain/audit_chain.ts";
import { findEnvironment } from "../domain/decide.ts";
import { changedPlaces, environmentIn, type Place, placeName } from "../domain/places.ts";
import type { Environment, State } from "../domain/state.ts";
import type { Log } from "../log.ts";
import type { OverrideSets } from "../override_sets.ts";
import type { EventHub } from "./hub.ts";

interface Options {
  readonly events: EventHub;
  readonly sets: OverrideSets;
  readonly now: () => number;
  readonly log: Log;
}

export class SetEvents {
  readonly #options: Options;
  /** The number of the set that was told last, by topic: signing one may take longer than the next. */
  readonly #told = new Map<string, number>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Tells those who follow sets that rows have changed them. */
  announce(state: State, rows: readonly AuditRow[]): void {
    for (const place of changedPlaces(rows)) {
      const environment = environmentIn(state, place);
      if (environment !== undefined && this.#options.events.hasClients(setTopic(place))) {
        void this.#tell(place, environment);
      }
    }
  }

  async #tell(place: Place, environment: Environment): Promise<void> {
    const { events, log } = this.#options;
    const topic = setTopic(place);
    try {
      const event = await this.#event(place, environment);
      if (environment.changes < (this.#told.get(topic) ?? 0)) return;
      this.#told.set(topic, environment.changes);
      events.publish(topic, event);
    } catch (error) {
      log.fault("set-event", error);
    }
  }

  /**
   * The newest set as an event: none that was told before this resolves is newer.
   *
   * @param state the newest, whenever it is asked
   */
  async newest(state: () => State, place: Place): Promise<string> {
    while (true) {
      const environment = findEnvironment(state(), place);
      const event = await this.#event(place, environment);
      // One that came while it was signed has been told to others already.
      if (findEnvironment(state(), place) === environment) return event;
    }
  }

  async #event(place: Place, environment: Environment): Promise<string> {
    const { sets, now } = this.#options;
    const { text } = await sets.current(place, environment, now());
    return `id: ${environment.version}\nevent: set\ndata: ${text}\n\n`;
  }
}

/** No environment has such a name. */
export function setTopic(place: Place): string {
  return `${placeName(place)}#set`;
}

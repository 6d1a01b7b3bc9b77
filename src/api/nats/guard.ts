/**
 * Looks at what others put in the place of this server's states. Another server of the same data may; of
 * anybody else no host believes anything, but who starts then would find nothing to believe.
 */

import type { NatsConnection } from "@nats-io/transport-node";
import type { NatsSettings } from "../../fleet/nats_settings.ts";
import { placeOfSubject, stateSubjects } from "../../fleet/subjects.ts";
import { environmentIn, type Place } from "../domain/places.ts";
import type { Engine } from "../engine.ts";

interface Options {
  readonly settings: NatsSettings;
  readonly engine: Engine;
}

/** Milliseconds until a message is looked into: the news of another server come by the database, too. */
const LOOK_MS = 1000;
/** Milliseconds until that is done again where the database cannot say what is newest. */
const RETRY_MS = 5000;
/** Subjects that wait for it; others are found by the next look of `NatsPublisher`. */
const WAITING_COUNT_MAX = 10_000;

/** @param restore is to see to it that a subject has the newest state again */
export function guardStates(
  connection: NatsConnection,
  { settings, engine }: Options,
  restore: (subject: string, place: Place) => void,
): void {
  const waiting = new Set<string>();
  const look = async (subject: string, place: Place): Promise<void> => {
    if (connection.isClosed()) return;
    if (!(await isNewest(engine))) {
      setTimeout(() => void look(subject, place), RETRY_MS).unref();
      return;
    }
    waiting.delete(subject);
    restore(subject, place);
  };
  for (const kind of ["overrides", "record"] as const) {
    connection.subscribe(stateSubjects(settings.org, kind), {
      callback: (error, { subject }) => {
        const named = error === null ? placeOfSubject(subject) : undefined;
        if (named === undefined || waiting.has(subject)) return;
        const { project, environment } = named;
        const isOurs = environmentIn(engine.state, named) !== undefined;
        if (!isOurs || waiting.size >= WAITING_COUNT_MAX) return;
        waiting.add(subject);
        setTimeout(() => void look(subject, { project, environment }), LOOK_MS).unref();
      },
    });
  }
}

/** Whether this server has read all that the database has. */
async function isNewest({ store, state }: Engine): Promise<boolean> {
  try {
    return (await store.rows(state.head.sequence, 1)).length === 0;
  } catch {
    return false;
  }
}

/** Server-sent events: that an environment has changed. */

import * as v from "valibot";
import type { Change } from "../domain/change.ts";
import { findEnvironment } from "../domain/decide.ts";
import type { State } from "../domain/state.ts";
import type { AuditRow } from "../domain/audit_chain.ts";
import { changedPlaces, environmentIn, placeName } from "../domain/places.ts";
import type { EventHub } from "../events/hub.ts";
import { setTopic } from "../events/set_events.ts";
import { authorize } from "../auth/callers.ts";
import { UNCACHED } from "../http/answers.ts";
import { callerOf, placeOf, type Route, route } from "../http/route.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const EVENT_PATH = `${ENVIRONMENT_PATH}/events`;

export const EVENT_ROUTES: readonly Route[] = [
  route({
    method: "GET",
    path: EVENT_PATH,
    summary:
      "Follow the changes of an environment; with `Prefer: set`, each event is the signed set of overrides",
    role: "reader",
    crossOrigin: true,
    takesTicket: true,
    query: v.strictObject({ ticket: v.optional(v.string()) }),
    status: 200,
    answer: { description: "A stream that does not end", contentType: "text/event-stream" },
    async run(call) {
      const place = placeOf(call);
      const environment = findEnvironment(call.state, place);
      const { engine, events, setEvents, now } = call.services;
      const caller = callerOf(call);
      // It stays quiet for as long as nothing happens.
      call.server.timeout(call.request, 0);
      // An agent's wish, which a server of an earlier release passes over.
      const wantsSet = call.request.headers.get("prefer") === "set";
      const first = wantsSet
        ? await setEvents.newest(() => engine.state, place)
        : changeEvent(environment.version);
      const topic = wantsSet ? setTopic(place) : placeName(place);
      // A signature may take a while: a stream that is not open yet is ended by nobody.
      authorize(caller.again(engine.state, now()), "reader", place);
      return new Response(events.open(topic, first, caller.actor, caller.ends), {
        headers: { "content-type": "text/event-stream", ...UNCACHED },
      });
    },
  }),
];

const ENDINGS: ReadonlySet<string> = new Set([
  "person.granted",
  "person.removed",
  "passkey.removed",
  "identity.removed",
]);

/**
 * Tells the clients of every environment that rows have changed, and ends the streams of those whose
 * right to read may have. Who still may opens another.
 */
export function announce(events: EventHub, state: State, rows: readonly AuditRow[]): void {
  for (const { change } of rows) {
    const isOver = endedBy(change);
    if (isOver !== undefined) events.end(isOver);
  }
  for (const place of changedPlaces(rows)) {
    const environment = environmentIn(state, place);
    if (environment !== undefined) {
      events.publish(placeName(place), changeEvent(environment.version));
    }
  }
}

/** Whose right to read a change takes away, or makes another; nothing where it does so to nobody. */
function endedBy(change: Change): ((owner: string) => boolean) | undefined {
  if (change.kind === "token.revoked") return (owner) => owner === `token:${change.token}`;
  if (change.kind === "issuer.removed") {
    return (owner) => owner.startsWith(`job:${change.issuer}:`);
  }
  if (!ENDINGS.has(change.kind) || !("person" in change)) return undefined;
  return (owner) => owner === `person:${change.person}`;
}

/** As OFREP has it, so that its clients understand it too. */
function changeEvent(version: number): string {
  const data = JSON.stringify({ type: "refetchEvaluation", etag: `"${version}"`, version });
  return `id: ${version}\nevent: message\ndata: ${data}\n\n`;
}

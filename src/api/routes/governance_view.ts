/** Freezes, schedules and change requests as clients see them: with the names of who did it. */

import type * as v from "valibot";
import { personBehind } from "../domain/govern.ts";
import type { Environment, State } from "../domain/state.ts";
import { type Call, callerOf } from "../http/route.ts";
import type { EnvironmentView } from "../http/schemas.ts";

type GovernanceView = Pick<
  v.InferOutput<typeof EnvironmentView>,
  "frozen" | "schedules" | "requests"
>;

export function governanceView(
  call: Pick<Call, "caller" | "services">,
  { frozen, schedules, requests }: Environment,
): GovernanceView {
  const { state } = call.services.engine;
  const self = personBehind(state, callerOf(call).actor);
  return {
    frozen: frozen === null ? null : named(state, frozen),
    schedules: [...schedules.values()].map(({ id, action, at, approved, ...done }) => {
      return { schedule: id, action, at, approved, ...named(state, done) };
    }),
    requests: [...requests.values()].map(({ id, action, at, ...done }) => {
      const own = personBehind(state, done.actor) === self;
      return { request: id, action, at, ...named(state, done), own };
    }),
  };
}

function named(
  { actors }: State,
  {
    actor,
    time,
    reason,
  }: { readonly actor: string; readonly time: number; readonly reason: string },
): { by: string; time: number; reason: string } {
  return { by: actors.get(actor)?.name ?? actor, time, reason };
}

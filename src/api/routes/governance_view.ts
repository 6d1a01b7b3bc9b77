/** Freezes, schedules and change requests as clients see them: with the names of who did it. */

import { feature } from "bun:bundle";
import type * as v from "valibot";
import { personBehind } from "../domain/govern.ts";
import type { Action } from "../domain/change.ts";
import type { Done, Environment, State } from "../domain/state.ts";
import { valuesDifference } from "../domain/values_difference.ts";
import { isStale, isValuesAction } from "../domain/variants.ts";
import { type Call, callerOf } from "../http/route.ts";
import type { EnvironmentView } from "../http/schemas.ts";

type GovernanceView = Pick<
  v.InferOutput<typeof EnvironmentView>,
  "frozen" | "schedules" | "requests"
>;

export function governanceView(
  call: Pick<Call, "caller" | "services">,
  environment: Environment,
): GovernanceView {
  const { frozen, schedules, requests } = environment;
  const { state } = call.services.engine;
  const self = personBehind(state, callerOf(call).actor);
  return {
    frozen: frozen === null ? null : named(state, frozen),
    schedules: [...schedules.values()].map(({ id, action, at, approved, ...done }) => {
      return {
        schedule: id,
        action,
        at,
        approved,
        ...named(state, done),
        ...ofValues(environment, action),
      };
    }),
    requests: [...requests.values()].map(({ id, action, at, ...done }) => {
      const own = personBehind(state, done.actor) === self;
      return {
        request: id,
        action,
        at,
        ...named(state, done),
        ...ofValues(environment, action),
        own,
      };
    }),
  };
}

/** Of a change of values: what it would change now, and whether it still can. */
function ofValues(
  environment: Environment,
  action: Action,
): Pick<GovernanceView["requests"][number], "values"> {
  if (feature("PREMIUM_TYPES") && isValuesAction(action)) {
    const difference = valuesDifference(environment.variants?.get(action.flag), action);
    return { values: { stale: isStale(environment, action), difference } };
  }
  return {};
}

function named(
  { actors }: State,
  { actor, time, reason }: Done,
): Omit<Done, "actor"> & { by: string } {
  return { by: actors.get(actor)?.name ?? actor, time, reason };
}

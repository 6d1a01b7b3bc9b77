/** Flags switched beside the record, now, with a reason and perhaps an end. */

import * as v from "valibot";
import { findEnvironment } from "../domain/decide.ts";
import { haltRollout } from "../domain/rollout.ts";
import type { Environment } from "../domain/state.ts";
import { json, versionTag } from "../http/answers.ts";
import { type Call, paramOf, placeOf, type Route, route } from "../http/route.ts";
import { Because, NewOverride, OverrideEntry } from "../http/schemas.ts";
import { acting, environmentChange, newestFile, WithReason } from "./environment_change.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const OVERRIDE_PATH = `${ENVIRONMENT_PATH}/overrides/:flag`;
const HALT_PATH = `${OVERRIDE_PATH}/halt`;
const OVERRIDE = {
  schema: OverrideEntry,
  view: ({ overrides }: Environment, params: Call["params"]) =>
    overrides.get(paramOf({ params }, "flag")),
};

export const OVERRIDE_ROUTES: readonly Route[] = [
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/overrides`,
    summary: "List the overrides of an environment",
    role: "reader",
    status: 200,
    answer: {
      description: "Those that have not ended",
      schema: v.object({ overrides: v.array(OverrideEntry) }),
    },
    run(call) {
      const { version, overrides } = findEnvironment(call.state, placeOf(call));
      return json({ overrides: [...overrides.values()] }, 200, { etag: versionTag(version) });
    },
  }),
  environmentChange({
    method: "PUT",
    path: OVERRIDE_PATH,
    summary: "Switch a flag, on all hosts or in waves",
    role: "writer",
    body: NewOverride,
    done: "The override",
    shows: OVERRIDE,
    async decide(call, target) {
      const file = await newestFile(call);
      const flag = paramOf(call, "flag");
      const { reason, rollout, ...body } = call.body;
      call.services.health.requireLet(rollout?.haltIf ?? null);
      const action =
        rollout === undefined
          ? ({ kind: "switch", flag, ...body } as const)
          : ({ kind: "roll_out", flag, ...body, ...rollout } as const);
      return acting(call, { ...target, file }, { action, reason });
    },
  }),
  environmentChange({
    method: "DELETE",
    path: OVERRIDE_PATH,
    summary: "Take an override back",
    role: "writer",
    query: WithReason,
    done: "It is gone",
    decide(call, target) {
      const action = { kind: "give_back", flag: paramOf(call, "flag") } as const;
      return acting(call, target, { action, reason: call.query.reason });
    },
  }),
  environmentChange({
    method: "PUT",
    path: HALT_PATH,
    summary:
      "Halt a rollout: the hosts that it has reached keep what they have, and no other is reached",
    role: "writer",
    body: Because,
    done: "The override",
    shows: OVERRIDE,
    decide: (call, target) => (state) =>
      haltRollout(state, target, paramOf(call, "flag"), call.body.reason),
  }),
  environmentChange({
    method: "DELETE",
    path: HALT_PATH,
    summary: "Let a rollout that was halted go on, after the pause of a wave",
    role: "writer",
    query: WithReason,
    done: "The override",
    shows: OVERRIDE,
    decide(call, target) {
      const action = { kind: "resume", flag: paramOf(call, "flag") } as const;
      return acting(call, target, { action, reason: call.query.reason });
    },
  }),
];

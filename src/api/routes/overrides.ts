/** Flags switched beside the record, now, with a reason and perhaps an end. */

import * as v from "valibot";
import { findEnvironment } from "../domain/decide.ts";
import { haltRollout } from "../domain/rollout.ts";
import { act } from "../domain/switch.ts";
import { json, versionTag } from "../http/answers.ts";
import { isAdminAt, placeOf, type Route, route } from "../http/route.ts";
import { Because, NewOverride, OverrideEntry } from "../http/schemas.ts";
import { environmentChange, WithReason } from "./environment_change.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const OVERRIDE_PATH = `${ENVIRONMENT_PATH}/overrides/:flag`;
const HALT_PATH = `${OVERRIDE_PATH}/halt`;

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
  route({
    method: "PUT",
    path: OVERRIDE_PATH,
    summary: "Switch a flag, on all hosts or in waves",
    role: "writer",
    body: NewOverride,
    precondition: true,
    status: 200,
    answer: { description: "The override", schema: OverrideEntry },
    async run(call) {
      const place = placeOf(call);
      const { engine, files } = call.services;
      const found = await files.newest(findEnvironment(call.state, place));
      const flag = call.params["flag"] ?? "";
      const { reason, rollout, ...body } = call.body;
      call.services.health.requireLet(rollout?.haltIf ?? null);
      const action =
        rollout === undefined
          ? ({ kind: "switch", flag, ...body } as const)
          : ({ kind: "roll_out", flag, ...body, ...rollout } as const);
      const wish = { action, reason };
      const row = await call.change((state, now) =>
        act(state, place, call.version, found?.file, wish, isAdminAt(call, place), now),
      );
      const override = findEnvironment(engine.state, place).overrides.get(flag);
      return json(override, 200, { etag: versionTag(row.sequence) });
    },
  }),
  environmentChange({
    method: "DELETE",
    path: OVERRIDE_PATH,
    summary: "Take an override back",
    role: "writer",
    query: WithReason,
    done: "It is gone",
    decide(call, place) {
      const flag = call.params["flag"] ?? "";
      const wish = { action: { kind: "give_back", flag }, reason: call.query.reason } as const;
      return (state, now) =>
        act(state, place, call.version, undefined, wish, isAdminAt(call, place), now);
    },
  }),
  route({
    method: "PUT",
    path: HALT_PATH,
    summary:
      "Halt a rollout: the hosts that it has reached keep what they have, and no other is reached",
    role: "writer",
    body: Because,
    precondition: true,
    status: 200,
    answer: { description: "The override", schema: OverrideEntry },
    async run(call) {
      const place = placeOf(call);
      const flag = call.params["flag"] ?? "";
      const { engine } = call.services;
      const row = await call.change((state) =>
        haltRollout(state, place, call.version, flag, call.body.reason),
      );
      const override = findEnvironment(engine.state, place).overrides.get(flag);
      return json(override, 200, { etag: versionTag(row.sequence) });
    },
  }),
  route({
    method: "DELETE",
    path: HALT_PATH,
    summary: "Let a rollout that was halted go on, after the pause of a wave",
    role: "writer",
    query: WithReason,
    precondition: true,
    status: 200,
    answer: { description: "The override", schema: OverrideEntry },
    async run(call) {
      const place = placeOf(call);
      const flag = call.params["flag"] ?? "";
      const { engine } = call.services;
      const wish = { action: { kind: "resume", flag }, reason: call.query.reason } as const;
      const row = await call.change((state, now) =>
        act(state, place, call.version, undefined, wish, isAdminAt(call, place), now),
      );
      const override = findEnvironment(engine.state, place).overrides.get(flag);
      return json(override, 200, { etag: versionTag(row.sequence) });
    },
  }),
];

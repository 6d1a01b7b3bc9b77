/** Flags switched beside the record, now, with a reason and perhaps an end. */

import * as v from "valibot";
import { findEnvironment } from "../domain/decide.ts";
import { act } from "../domain/switch.ts";
import { json, versionTag } from "../http/answers.ts";
import { actorOf, isAdminAt, placeOf, type Route, route } from "../http/route.ts";
import { NewOverride, OverrideEntry, Reason } from "../http/schemas.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const OVERRIDE_PATH = `${ENVIRONMENT_PATH}/overrides/:flag`;

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
    summary: "Switch a flag",
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
      const { reason, ...body } = call.body;
      const wish = { action: { kind: "switch", flag, ...body }, reason } as const;
      const row = await engine.change(actorOf(call), (state, now) =>
        act(state, place, call.version, found?.file, wish, isAdminAt(call, place), now),
      );
      const override = findEnvironment(engine.state, place).overrides.get(flag);
      return json(override, 200, { etag: versionTag(row.sequence) });
    },
  }),
  route({
    method: "DELETE",
    path: OVERRIDE_PATH,
    summary: "Take an override back",
    role: "writer",
    query: v.strictObject({ reason: Reason }),
    precondition: true,
    status: 204,
    answer: { description: "It is gone" },
    async run(call) {
      const place = placeOf(call);
      const flag = call.params["flag"] ?? "";
      const wish = { action: { kind: "give_back", flag }, reason: call.query.reason } as const;
      const row = await call.services.engine.change(actorOf(call), (state, now) =>
        act(state, place, call.version, undefined, wish, isAdminAt(call, place), now),
      );
      return new Response(null, { status: 204, headers: { etag: versionTag(row.sequence) } });
    },
  }),
];

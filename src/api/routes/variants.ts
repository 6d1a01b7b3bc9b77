/**
 * Values of a flag besides on and off, and who gets which. Part of a server that is built with
 * PREMIUM_TYPES.
 */

import * as v from "valibot";
import { findEnvironment } from "../domain/decide.ts";
import { act } from "../domain/switch.ts";
import { json, versionTag } from "../http/answers.ts";
import { isAdminAt, placeOf, type Route, route } from "../http/route.ts";
import { NewVariants, VariantsEntry } from "../http/variant_schemas.ts";
import { environmentChange, WithReason } from "./environment_change.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const VARIANTS_PATH = `${ENVIRONMENT_PATH}/variants/:flag`;

export const VARIANT_ROUTES: readonly Route[] = [
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/variants`,
    summary: "List the flags of an environment that have variants",
    role: "reader",
    status: 200,
    answer: {
      description: "Their values, and who gets which",
      schema: v.object({ variants: v.array(VariantsEntry) }),
    },
    run(call) {
      const { version, variants } = findEnvironment(call.state, placeOf(call));
      const list = [...(variants ?? [])].map(([flag, one]) => ({ flag, ...one }));
      return json({ variants: list }, 200, { etag: versionTag(version) });
    },
  }),
  route({
    method: "PUT",
    path: VARIANTS_PATH,
    summary: "Give a flag values of its own, and say who gets which",
    role: "writer",
    body: NewVariants,
    precondition: true,
    status: 200,
    answer: { description: "What was kept", schema: VariantsEntry },
    async run(call) {
      const place = placeOf(call);
      const { engine, files } = call.services;
      const found = await files.newest(findEnvironment(call.state, place));
      const flag = call.params["flag"] ?? "";
      const { reason, ...values } = call.body;
      const wish = { action: { kind: "set_variants", flag, ...values }, reason } as const;
      const row = await call.change((state, now) =>
        act(state, place, call.version, found?.file, wish, isAdminAt(call, place), now),
      );
      const kept = findEnvironment(engine.state, place).variants?.get(flag);
      return json({ flag, ...kept }, 200, { etag: versionTag(row.sequence) });
    },
  }),
  environmentChange({
    method: "DELETE",
    path: VARIANTS_PATH,
    summary: "Make a flag a plain one, on or off",
    role: "writer",
    query: WithReason,
    done: "They are gone",
    decide(call, place) {
      const flag = call.params["flag"] ?? "";
      const wish = { action: { kind: "clear_variants", flag }, reason: call.query.reason } as const;
      return (state, now) =>
        act(state, place, call.version, undefined, wish, isAdminAt(call, place), now);
    },
  }),
];

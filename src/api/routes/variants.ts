/**
 * Values of a flag besides on and off, and who gets which. Part of a server that is built with
 * PREMIUM_TYPES.
 */

import * as v from "valibot";
import { findEnvironment } from "../domain/decide.ts";
import { json, versionTag } from "../http/answers.ts";
import { paramOf, placeOf, type Route, route } from "../http/route.ts";
import { NewVariants, VariantsEntry } from "../http/variant_schemas.ts";
import { acting, environmentChange, newestFile, WithReason } from "./environment_change.ts";
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
  environmentChange({
    method: "PUT",
    path: VARIANTS_PATH,
    summary: "Give a flag values of its own, and say who gets which",
    role: "writer",
    body: NewVariants,
    done: "What was kept",
    shows: {
      schema: VariantsEntry,
      view({ variants }, { flag = "" }) {
        return { flag, ...variants?.get(flag) };
      },
    },
    async decide(call, target) {
      const file = await newestFile(call);
      const flag = paramOf(call, "flag");
      const { reason, ...values } = call.body;
      const action = { kind: "set_variants", flag, ...values } as const;
      return acting(call, { ...target, file }, { action, reason });
    },
  }),
  environmentChange({
    method: "DELETE",
    path: VARIANTS_PATH,
    summary: "Make a flag a plain one, on or off",
    role: "writer",
    query: WithReason,
    done: "They are gone",
    decide(call, target) {
      const action = { kind: "clear_variants", flag: paramOf(call, "flag") } as const;
      return acting(call, target, { action, reason: call.query.reason });
    },
  }),
];

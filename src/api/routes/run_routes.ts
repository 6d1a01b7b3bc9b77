/** The routes of work that goes on after its answer: how far it is, and its end. */

import * as v from "valibot";
import type { Role } from "../domain/change.ts";
import { json } from "../http/answers.ts";
import { Count } from "../http/basic_schemas.ts";
import { type Call, paramOf, type Route, route } from "../http/route.ts";

/** A schema of what such work says of itself, with what it counts. */
export function runSchema<Entries extends v.ObjectEntries>(entries: Entries) {
  return v.object({
    ...entries,
    state: v.picklist(["running", "done", "failed", "cancelled"]),
    total: Count,
    problem: v.nullable(v.string()),
  });
}

interface RunRoutes {
  /** Under which each has its place. */
  readonly path: string;
  /** The parameter that names one. */
  readonly name: string;
  readonly schema: v.GenericSchema;
  readonly look: { readonly role: Role; readonly summary: string; readonly description: string };
  readonly end: { readonly role: Role; readonly summary: string };
  /** @throws Refusal `not-found` */
  readonly find: (call: Call, id: string) => unknown;
  /** @throws Refusal `not-found` */
  readonly cancel: (call: Call, id: string) => void;
}

export function runRoutes(of: RunRoutes): readonly Route[] {
  const path = `${of.path}/:${of.name}`;
  return [
    route({
      method: "GET",
      path,
      summary: of.look.summary,
      role: of.look.role,
      status: 200,
      answer: { description: of.look.description, schema: of.schema },
      run: (call) => json(of.find(call, paramOf(call, of.name))),
    }),
    route({
      method: "DELETE",
      path,
      summary: of.end.summary,
      role: of.end.role,
      status: 204,
      answer: { description: "It ends" },
      run(call) {
        of.cancel(call, paramOf(call, of.name));
        return new Response(null, { status: 204 });
      },
    }),
  ];
}

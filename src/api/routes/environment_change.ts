/** The one shape of routes that change an environment, in the version that the caller has seen. */

import * as v from "valibot";
import type { File } from "../../format/file.ts";
import { findEnvironment, type Target } from "../domain/decide.ts";
import type { Environment } from "../domain/state.ts";
import { act, type Wish } from "../domain/switch.ts";
import type { Decision } from "../engine.ts";
import { json, versionTag } from "../http/answers.ts";
import { Reason } from "../http/basic_schemas.ts";
import {
  type Call,
  type Definition,
  isAdminAt,
  placeOf,
  type Route,
  route,
} from "../http/route.ts";

/** Why, of a change that has no body. */
export const WithReason = v.strictObject({ reason: Reason });

interface EnvironmentChange<
  Query extends v.GenericSchema,
  Body extends v.GenericSchema,
> extends Pick<Definition<Query, Body>, "method" | "path" | "summary" | "role" | "query" | "body"> {
  /** What is so when it was made, or what the answer is. */
  readonly done: string;
  /** Of the answer's body; without one there is none. */
  readonly shows?: Shown;
  readonly decide: (
    call: Call<v.InferOutput<Query>, v.InferOutput<Body>>,
    target: Target,
  ) => Decision | Promise<Decision>;
}

interface Shown {
  readonly schema: v.GenericSchema;
  /** @param environment as it is after the change */
  readonly view: (environment: Environment, params: Call["params"]) => unknown;
}

/** A change of the environment that the path names, answered with its new tag. */
export function environmentChange<Query extends v.GenericSchema, Body extends v.GenericSchema>({
  done: description,
  shows,
  decide,
  ...definition
}: EnvironmentChange<Query, Body>): Route {
  return route<Query, Body>({
    ...definition,
    precondition: true,
    status: shows === undefined ? 204 : 200,
    answer: { description, ...(shows === undefined ? {} : { schema: shows.schema }) },
    async run(call) {
      const place = placeOf(call);
      const { sequence } = await call.change(await decide(call, { place, version: call.version }));
      const headers = { etag: versionTag(sequence) };
      if (shows === undefined) return new Response(null, { status: 204, headers });
      const { state } = call.services.engine;
      return json(shows.view(findEnvironment(state, place), call.params), 200, headers);
    },
  });
}

/** An action that is done at once, in the caller's name. */
export function acting(call: Call, target: Target, wish: Wish): Decision {
  return (state, now) => act(state, target, wish, isAdminAt(call, target.place), now);
}

/** The newest record of the environment that the path names. */
export async function newestFile(
  call: Pick<Call, "state" | "params" | "services">,
): Promise<File | undefined> {
  return (await call.services.files.newest(findEnvironment(call.state, placeOf(call))))?.file;
}

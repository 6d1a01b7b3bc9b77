/** The one shape of routes that change an environment and answer with no more than its new tag. */

import * as v from "valibot";
import type { Decision } from "../engine.ts";
import { versionTag } from "../http/answers.ts";
import { Reason } from "../http/basic_schemas.ts";
import { type Call, type Definition, placeOf, type Route, route } from "../http/route.ts";
import type { Place } from "../domain/decide.ts";

/** Why, of a change that has no body. */
export const WithReason = v.strictObject({ reason: Reason });

interface EnvironmentChange<
  Query extends v.GenericSchema,
  Body extends v.GenericSchema,
> extends Pick<Definition<Query, Body>, "method" | "path" | "summary" | "role" | "query" | "body"> {
  /** What is so when it was made. */
  readonly done: string;
  readonly decide: (
    call: Call<v.InferOutput<Query>, v.InferOutput<Body>>,
    place: Place,
  ) => Decision | Promise<Decision>;
}

/** A change of the environment that the path names, in the version that the caller has seen. */
export function environmentChange<Query extends v.GenericSchema, Body extends v.GenericSchema>({
  done,
  decide,
  ...definition
}: EnvironmentChange<Query, Body>): Route {
  return route<Query, Body>({
    ...definition,
    precondition: true,
    status: 204,
    answer: { description: done },
    async run(call) {
      const { sequence } = await call.change(await decide(call, placeOf(call)));
      return new Response(null, { status: 204, headers: { etag: versionTag(sequence) } });
    },
  });
}

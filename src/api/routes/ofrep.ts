/** OFREP 0.3.0 below an environment: what OpenFeature's providers ask for. */

import { feature } from "bun:bundle";
import type { File } from "../../format/file.ts";
import { noSuchFlag } from "../../format/flags.ts";
import * as v from "valibot";
import { findEnvironment } from "../domain/decide.ts";
import { type FlagState, flagStates } from "../domain/flags.ts";
import { environmentIn } from "../domain/places.ts";
import type { Environment } from "../domain/state.ts";
import { json, unlessKnown } from "../http/answers.ts";
import { type Call, paramOf, placeOf, type Route, route } from "../http/route.ts";
import { type Context, evaluable, evaluate, readContext } from "../ofrep/evaluate.ts";
import { VariantValue } from "../http/value_schemas.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const OFREP_PATH = `${ENVIRONMENT_PATH}/ofrep/v1/evaluate/flags`;

const Metadata = v.object({ source: v.picklist(["record", "override"]) });
const Success = v.object({
  key: v.string(),
  value: feature("PREMIUM_TYPES") ? VariantValue : v.boolean(),
  reason: v.picklist(["STATIC", "SPLIT", "DISABLED"]),
  variant: v.string(),
  metadata: Metadata,
});
const Failure = v.object({
  errorCode: v.picklist(["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL"]),
  errorDetails: v.string(),
});
const FlagFailure = v.object({
  key: v.string(),
  ...Failure.entries,
  metadata: v.optional(Metadata),
});
const Bulk = v.object({
  flags: v.array(v.union([Success, FlagFailure])),
  eventStreams: v.array(
    v.object({
      type: v.literal("sse"),
      endpoint: v.object({ requestUri: v.string() }),
      inactivityDelaySec: v.number(),
    }),
  ),
});
const Unknown = v.object({
  key: v.string(),
  errorCode: v.literal("FLAG_NOT_FOUND"),
  errorDetails: v.string(),
});
const Fault = v.object({ errorDetails: v.string() });
/** What the event stream told: the newest state is given in any case. */
const Told = v.object({
  flagConfigEtag: v.optional(v.string()),
  flagConfigLastModified: v.optional(v.string()),
});

export const OFREP_ROUTES: readonly Route[] = [
  route({
    method: "POST",
    isReading: true,
    path: OFREP_PATH,
    summary: "Evaluate every flag (OFREP bulk evaluation)",
    role: "reader",
    crossOrigin: true,
    ignored: Told,
    body: "text",
    status: 200,
    answer: { description: "Every flag that is not retired", schema: Bulk },
    also: {
      304: { description: "As the client has it" },
      400: { description: "The body is wrong", schema: Failure },
      500: { description: "A fault of the server", schema: Fault },
    },
    faulty: (detail) => json({ errorDetails: detail }, 500),
    run(call) {
      const read = readContext(call.body);
      if ("failure" in read) return json(read.failure, 400);
      const { state, services } = call;
      const environment = findEnvironment(state, placeOf(call));
      const kept = services.files.kept(environment);
      if (kept !== undefined) return answerBulk(call, environment, kept.file, read.context);
      return services.files
        .newest(environment)
        .then((found) => answerBulk(call, environment, found?.file, read.context));
    },
  }),
  route({
    method: "POST",
    isReading: true,
    path: `${OFREP_PATH}/:key`,
    summary: "Evaluate one flag (OFREP)",
    role: "reader",
    crossOrigin: true,
    body: "text",
    status: 200,
    answer: { description: "Its value", schema: Success },
    also: {
      400: { description: "The body is wrong, or the key is missing", schema: FlagFailure },
      404: { description: "There is no such flag", schema: Unknown },
      500: { description: "A fault of the server", schema: Fault },
    },
    faulty: (detail) => json({ errorDetails: detail }, 500),
    async run(call) {
      const key = paramOf(call, "key");
      const read = readContext(call.body);
      if ("failure" in read) return json({ key, ...read.failure }, 400);
      const environment = environmentIn(call.state, placeOf(call));
      const states = environment === undefined ? [] : await flagsOf(call, environment);
      const flag = evaluable(states).find(({ name }) => name === key);
      if (environment === undefined || flag === undefined) {
        const errorDetails = noSuchFlag(key, []).message;
        return json({ key, errorCode: "FLAG_NOT_FOUND", errorDetails }, 404);
      }
      const answer = evaluate(flag, environment, read.context);
      return json(answer, "errorCode" in answer ? 400 : 200);
    },
  }),
];

function answerBulk(
  call: Call<unknown, string>,
  environment: Environment,
  file: File | undefined,
  context: Context,
): Response {
  const { services, caller, request, body, now } = call;
  const token = caller?.token;
  const asked = { token, context, body, now };
  const { etag, give } = services.bulk.answer(placeOf(call), environment, file, asked);
  return unlessKnown(request, etag, give);
}

async function flagsOf(call: Call, environment: Environment): Promise<readonly FlagState[]> {
  const found = await call.services.files.newest(environment);
  return found === undefined ? [] : flagStates(found.file, environment, call.now);
}

/** OFREP 0.3.0 below an environment: what OpenFeature's providers ask for. */

import { noSuchFlag } from "../../format/flags.ts";
import * as v from "valibot";
import { ticketFor } from "../auth/tickets.ts";
import { findEnvironment } from "../domain/decide.ts";
import { type FlagState, flagStates } from "../domain/flags.ts";
import { json } from "../http/answers.ts";
import { type Call, placeOf, type Route, route } from "../http/route.ts";
import { bulkTag, type Context, evaluable, evaluate, readContext } from "../ofrep/evaluate.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const OFREP_PATH = `${ENVIRONMENT_PATH}/ofrep/v1/evaluate/flags`;
/** Seconds without an event after which a client looks by itself. */
const INACTIVITY_SECONDS = 120;

const Success = v.object({
  key: v.string(),
  value: v.boolean(),
  reason: v.literal("STATIC"),
  variant: v.picklist(["on", "off"]),
  metadata: v.object({ source: v.picklist(["record", "override"]) }),
});
const Bulk = v.object({
  flags: v.array(Success),
  eventStreams: v.array(
    v.object({
      type: v.literal("sse"),
      endpoint: v.object({ requestUri: v.string() }),
      inactivityDelaySec: v.number(),
    }),
  ),
});
const Failure = v.object({
  errorCode: v.picklist(["PARSE_ERROR", "INVALID_CONTEXT"]),
});
const Unknown = v.object({
  key: v.string(),
  errorCode: v.literal("FLAG_NOT_FOUND"),
  errorDetails: v.string(),
});
/** OFREP has errors of its own for a body that is wrong, so anything is let through to it. */
const Anything = v.unknown();

export const OFREP_ROUTES: readonly Route[] = [
  route({
    method: "POST",
    path: OFREP_PATH,
    summary: "Evaluate every flag (OFREP bulk evaluation)",
    role: "reader",
    crossOrigin: true,
    body: Anything,
    status: 200,
    answer: { description: "Every flag that is not retired", schema: Bulk },
    also: {
      304: { description: "As the client has it" },
      400: { description: "The body is wrong", schema: Failure },
    },
    async run(call) {
      const read = readContext(call.body);
      if ("errorCode" in read) return json(read, 400);
      const flags = evaluable(await flagsOf(call)).map(evaluate);
      const place = placeOf(call);
      const { project, environment } = place;
      const token = call.caller?.token;
      const path = `/v1/projects/${project}/environments/${environment}/events`;
      // An address that needs no header is made with a token: a session has none to make it with.
      const streams = (token === undefined ? [] : [ticketFor(token, place)]).map((ticket) => {
        const endpoint = { requestUri: `${path}?ticket=${ticket}` };
        return { type: "sse", endpoint, inactivityDelaySec: INACTIVITY_SECONDS };
      });
      return tagged(call.request, { flags, eventStreams: streams }, read.context);
    },
  }),
  route({
    method: "POST",
    path: `${OFREP_PATH}/:key`,
    summary: "Evaluate one flag (OFREP)",
    role: "reader",
    crossOrigin: true,
    body: Anything,
    status: 200,
    answer: { description: "Its value", schema: Success },
    also: {
      400: {
        description: "The body is wrong",
        schema: v.object({ key: v.string(), ...Failure.entries }),
      },
      404: { description: "There is no such flag", schema: Unknown },
    },
    async run(call) {
      const key = call.params["key"] ?? "";
      const read = readContext(call.body);
      if ("errorCode" in read) return json({ key, ...read }, 400);
      const flag = evaluable(await flagsOf(call)).find(({ name }) => name === key);
      if (flag !== undefined) return json(evaluate(flag));
      return json(
        { key, errorCode: "FLAG_NOT_FOUND", errorDetails: noSuchFlag(key, []).message },
        404,
      );
    },
  }),
];

async function flagsOf(call: Call): Promise<readonly FlagState[]> {
  const environment = findEnvironment(call.state, placeOf(call));
  const found = await call.services.files.newest(environment);
  return found === undefined ? [] : flagStates(found.file, environment, call.now);
}

function tagged(request: Request, body: unknown, context: Context): Response {
  const text = JSON.stringify(body);
  const etag = bulkTag(text, context);
  if (request.headers.get("if-none-match") === etag) {
    return new Response(null, { status: 304, headers: { etag } });
  }
  return new Response(text, { headers: { etag, "content-type": "application/json" } });
}

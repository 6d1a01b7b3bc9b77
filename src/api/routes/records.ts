/** The record files of an environment. */

import * as v from "valibot";
import { annotate } from "../../format/describe/annotate.ts";
import { findEnvironment, pushRecord, readPushed } from "../domain/decide.ts";
import { HEADER_SIZE } from "../../format/layout.ts";
import { Refusal } from "../domain/refusal.ts";
import { json, versionTag } from "../http/answers.ts";
import { actorOf, placeOf, type Route, route } from "../http/route.ts";
import { FieldEntry, RecordEntry } from "../http/schemas.ts";
import type { RecordFiles } from "../record_files.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const Generation = v.pipe(v.string(), v.regex(/^\d{1,10}$/), v.transform(Number));

export const RECORD_ROUTES: readonly Route[] = [
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/record`,
    summary: "Fetch a record file: the newest, or that of a generation",
    role: "reader",
    query: v.strictObject({ generation: v.optional(Generation) }),
    status: 200,
    answer: { description: "The file's bytes", contentType: "application/octet-stream" },
    also: { 304: { description: "As the client has it" } },
    run({ state, params, query, services, request }) {
      const environment = findEnvironment(state, placeOf({ params }));
      const { generation } = query;
      const entry =
        generation === undefined
          ? environment.records.at(-1)
          : environment.records.find((record) => record.generation === generation);
      if (entry === undefined) throw new Refusal("not-found", "no such record was pushed");
      const headers = { etag: `"${entry.digest}"`, "content-type": "application/octet-stream" };
      if (request.headers.get("if-none-match") === headers.etag) {
        return new Response(null, { status: 304, headers });
      }
      const kept = services.files.use(entry.digest);
      return kept === undefined
        ? readStored(services.files, entry.digest, headers)
        : new Response(kept.bytes, { headers });
    },
  }),
  route({
    method: "PUT",
    path: `${ENVIRONMENT_PATH}/record`,
    summary: "Push a record file of a later generation",
    role: "writer",
    body: "bytes",
    precondition: true,
    status: 200,
    answer: { description: "What was kept", schema: RecordEntry },
    async run(call) {
      const place = placeOf(call);
      const { engine, files } = call.services;
      const file = readPushed(call.body);
      const row = await engine.change(actorOf(call), (state) =>
        pushRecord(state, place, call.version, { bytes: call.body, file }),
      );
      const entry = findEnvironment(engine.state, place).records.at(-1);
      if (entry !== undefined) files.keep(entry.digest, call.body, file);
      return json(entry, 200, { etag: versionTag(row.sequence) });
    },
  }),
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/records`,
    summary: "List the record files that were pushed",
    role: "reader",
    status: 200,
    answer: {
      description: "In ascending order of generation",
      schema: v.object({ records: v.array(RecordEntry) }),
    },
    run: (call) => json({ records: findEnvironment(call.state, placeOf(call)).records }),
  }),
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/record/fields`,
    summary: "Show every byte of the newest record file with the field that it belongs to",
    role: "reader",
    status: 200,
    answer: {
      description: "The fields in the order of the file, and the header in hex",
      schema: v.object({ header: v.string(), fields: v.array(FieldEntry) }),
    },
    async run(call) {
      const found = await call.services.files.newest(findEnvironment(call.state, placeOf(call)));
      if (found === undefined) throw new Refusal("not-found", "no record was pushed");
      const header = found.bytes.subarray(0, HEADER_SIZE).toHex();
      return json({ header, fields: annotate(found.bytes) });
    },
  }),
];

async function readStored(
  files: RecordFiles,
  digest: string,
  headers: { readonly [name: string]: string },
): Promise<Response> {
  const found = await files.read(digest);
  if (found === undefined) throw new Error(`content ${digest} is gone`);
  return new Response(found.bytes, { headers });
}

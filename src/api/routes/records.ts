/** The record files of an environment. */

import * as v from "valibot";
import { annotate } from "../../format/describe/annotate.ts";
import { findEnvironment, pushRecord, readPushed } from "../domain/decide.ts";
import type { PushedRecord } from "../domain/state.ts";
import { HEADER_SIZE } from "../../format/layout.ts";
import { Refusal } from "../domain/refusal.ts";
import { CACHED_BY_TAG, json, unlessKnown, versionTag } from "../http/answers.ts";
import { type Call, placeOf, type Route, route } from "../http/route.ts";
import { FieldEntry, RecordEntry } from "../http/schemas.ts";
import type { RecordFile, RecordFiles } from "../record_files.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const BYTES = { description: "The file's bytes", contentType: "application/octet-stream" };
const UNCHANGED = { 304: { description: "As the client has it" } };

export const RECORD_ROUTES: readonly Route[] = [
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/record`,
    summary: "Fetch the newest record file",
    role: "reader",
    status: 200,
    answer: BYTES,
    also: UNCHANGED,
    run: (call) => give(call, findEnvironment(call.state, placeOf(call)).records.at(-1)),
  }),
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/records/:generation`,
    summary: "Fetch the record file of a generation",
    role: "reader",
    status: 200,
    answer: BYTES,
    also: UNCHANGED,
    run(call) {
      const { records } = findEnvironment(call.state, placeOf(call));
      const { generation } = call.params;
      return give(
        call,
        records.find((record) => String(record.generation) === generation),
      );
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
      const row = await call.change((state) =>
        pushRecord(state, { place, version: call.version }, { bytes: call.body, file }),
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

function give(
  { services: { files }, request }: Call,
  entry: PushedRecord | undefined,
): Response | Promise<Response> {
  if (entry === undefined) throw new Refusal("not-found", "no such record was pushed");
  const { digest } = entry;
  return unlessKnown<Response | Promise<Response>>(request, tagOf(digest), () => {
    const kept = files.use(digest);
    return kept === undefined ? readStored(files, digest) : answerOf(digest, kept);
  });
}

async function readStored(files: RecordFiles, digest: string): Promise<Response> {
  const found = await files.read(digest);
  if (found === undefined) throw new Error(`content ${digest} is gone`);
  return answerOf(digest, found);
}

const answers = new WeakMap<RecordFile, Response>();

/** A copy of an answer costs a third of a new one. */
function answerOf(digest: string, file: RecordFile): Response {
  let answer = answers.get(file);
  if (answer === undefined) {
    const headers = {
      ...CACHED_BY_TAG,
      etag: tagOf(digest),
      "content-type": "application/octet-stream",
    };
    answers.set(file, (answer = new Response(file.bytes, { headers })));
  }
  return answer.clone() as Response;
}

function tagOf(digest: string): string {
  return `"${digest}"`;
}

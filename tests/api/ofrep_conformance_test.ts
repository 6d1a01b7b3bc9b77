/**
 * Every status of OFREP 0.3.0 (open-feature/protocol, service/openapi.yaml), on both of its routes,
 * with the members that the document asks for; and its conditional requests and event stream.
 */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import * as v from "valibot";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { type Answered, makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const BULK = `${SHOP}/ofrep/v1/evaluate/flags`;
const CONTEXT = { context: { targetingKey: "u1" } };

// The document's schemas; what it lets be absent may be absent here.
const Metadata = v.record(v.string(), v.union([v.boolean(), v.string(), v.number()]));
const Success = v.object({
  key: v.string(),
  reason: v.picklist(["STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "UNKNOWN"]),
  variant: v.optional(v.string()),
  metadata: v.optional(Metadata),
  value: v.optional(v.union([v.boolean(), v.string(), v.number(), v.looseObject({})])),
});
const Failure = v.object({
  key: v.string(),
  errorCode: v.picklist(["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL"]),
  errorDetails: v.optional(v.string()),
});
const BulkSuccess = v.object({
  flags: v.array(v.union([Success, Failure])),
  metadata: v.optional(Metadata),
  eventStreams: v.optional(
    v.array(
      v.object({
        type: v.string(),
        endpoint: v.strictObject({
          origin: v.optional(v.string()),
          requestUri: v.pipe(v.string(), v.startsWith("/")),
        }),
        inactivityDelaySec: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      }),
    ),
  ),
});
const BulkFailure = v.object({ errorCode: v.string(), errorDetails: v.optional(v.string()) });
const NotFound = v.object({ key: v.string(), errorCode: v.literal("FLAG_NOT_FOUND") });
const General = v.object({ errorDetails: v.optional(v.string()) });

let plane: Plane;
let tag = "";
let reader = "";

beforeAll(async () => {
  plane = await Plane.start({ data: temporaryFolder() });
  const flags = [
    { bit: 2, name: "DEBUG" },
    { bit: 3, name: "new-checkout.v2" },
  ];
  tag = await makeShop(plane, encodeFile({ ...PLAIN_FILE, flags }));
  await plane.call("POST", "/v1/projects", { project: "bank" });
  await plane.call("POST", "/v1/projects/shop/environments", { environment: "next" });
  reader = await makeToken({ project: "shop", environment: "live" });
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
});

async function makeToken(scope: object): Promise<string> {
  const body = { name: "t", role: "reader", ...scope };
  return (await plane.call("POST", "/v1/tokens", body)).body.secret;
}

interface Ask {
  readonly path?: string;
  /** Sent as it is. */
  readonly text?: string;
  readonly headers?: { readonly [name: string]: string };
}

function ask({
  path = BULK,
  text = JSON.stringify(CONTEXT),
  headers = {},
}: Ask): Promise<Answered> {
  return plane.call("POST", path, new TextEncoder().encode(text), {
    authorization: `Bearer ${reader}`,
    "content-type": "application/json",
    ...headers,
  });
}

/** A fault of the server itself: its clock fails. */
async function faulty<Result>(work: () => Promise<Result>): Promise<Result> {
  const { now } = plane.clock;
  Object.defineProperty(plane.clock, "now", {
    configurable: true,
    get: () => {
      throw new Error("the clock has stopped");
    },
  });
  try {
    return await work();
  } finally {
    Object.defineProperty(plane.clock, "now", { configurable: true, writable: true, value: now });
  }
}

const WRONG_BODIES: [string, string, string][] = [
  ["no JSON", "{", "PARSE_ERROR"],
  ["nothing", "", "PARSE_ERROR"],
  ["no object", "[]", "PARSE_ERROR"],
  ["null", "null", "PARSE_ERROR"],
  ["a context that is a list", '{"context":[]}', "INVALID_CONTEXT"],
  ["a context that is null", '{"context":null}', "INVALID_CONTEXT"],
  ["a key that is a number", '{"context":{"targetingKey":1}}', "INVALID_CONTEXT"],
];

describe("a single flag", () => {
  const path = `${BULK}/DEBUG`;

  test.each(["DEBUG", "new-checkout.v2"])("200: %s", async (key) => {
    const { status, body } = await ask({ path: `${BULK}/${key}` });
    expect([status, v.parse(Success, body)]).toEqual([200, body]);
    expect(body).toMatchObject({ key, value: false, reason: "STATIC", variant: "off" });
  });

  test.each(WRONG_BODIES)("400: %s", async (_, text, errorCode) => {
    const { status, body } = await ask({ path, text });
    v.parse(Failure, body);
    expect([status, body]).toMatchObject([400, { key: "DEBUG", errorCode }]);
  });

  test("401, with the way to say who one is", async () => {
    const { status, headers } = await ask({ path, headers: { authorization: "Bearer imm_x" } });
    expect([status, headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  });

  test("403", async () => {
    const other = await makeToken({ project: "bank" });
    expect((await ask({ path, headers: { authorization: `Bearer ${other}` } })).status).toBe(403);
  });

  test.each([
    `${BULK}/NOPE`,
    `${BULK}/__proto__`,
    `${BULK}/..%2f..%2fetc`,
    `${SHOP.replace("live", "gone")}/ofrep/v1/evaluate/flags/DEBUG`,
  ])("404: %s", async (unknown) => {
    const { status, body } = await ask({
      path: unknown,
      headers: { authorization: `Bearer ${plane.token}` },
    });
    const key = decodeURIComponent(unknown.slice(unknown.lastIndexOf("/") + 1));
    expect([status, v.parse(NotFound, body)]).toEqual([404, { key, errorCode: "FLAG_NOT_FOUND" }]);
  });

  test("500", async () => {
    const { status, body } = await faulty(() => ask({ path }));
    expect([status, v.parse(General, body)]).toEqual([500, body]);
    expect(JSON.stringify(body)).not.toContain("clock");
  });

  test("X-API-Key does as well", async () => {
    const headers = { authorization: "", "x-api-key": reader };
    expect((await ask({ path, headers })).status).toBe(200);
  });
});

describe("all flags", () => {
  test("200", async () => {
    const { status, body, etag } = await ask({});
    expect([status, v.parse(BulkSuccess, body)]).toEqual([200, body]);
    expect(body.flags.map(({ key }: { key: string }) => key)).toEqual(["DEBUG", "new-checkout.v2"]);
    expect(etag).toMatch(/^"[\w-]+"$/);
  });

  test("200 for the context of the official clients, which has no key", async () => {
    expect((await ask({ text: '{"context":{}}' })).status).toBe(200);
  });

  test("200 for a context without an end to its depth", async () => {
    const text = `{"context":{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}}`;
    expect((await ask({ text })).status).toBe(200);
  });

  test("304 for what the client has, in every form that HTTP has for it", async () => {
    const { etag } = await ask({});
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const { status, body, headers } = await ask({ headers: { "if-none-match": known } });
      expect([known, status, body, headers.get("etag")]).toEqual([known, 304, "", etag]);
    }
    expect((await ask({ headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  test("200 again for another context, and after a change; what the stream told is taken", async () => {
    const { etag } = await ask({});
    const headers = { "if-none-match": etag };
    const gold = JSON.stringify({ context: { targetingKey: "u1", plan: "gold" } });
    expect((await ask({ text: gold, headers })).status).toBe(200);
    const body = { enabled: true, reason: "try" };
    const set = await plane.call("PUT", `${SHOP}/overrides/DEBUG`, body, { "if-match": tag });
    const told = new URLSearchParams({ flagConfigEtag: set.etag, flagConfigLastModified: "17716" });
    const again = await ask({ path: `${BULK}?${told.toString()}`, headers });
    expect([again.status, again.body.flags[0].value]).toEqual([200, true]);
    // And back: the same state has the same tag.
    await plane.call("DELETE", `${SHOP}/overrides/DEBUG?reason=tried`, undefined, {
      "if-match": set.etag,
    });
    expect((await ask({ headers })).status).toBe(304);
  });

  test.each(WRONG_BODIES)("400: %s", async (_, text, errorCode) => {
    const { status, body } = await ask({ text });
    v.parse(BulkFailure, body);
    expect([status, body]).toMatchObject([400, { errorCode }]);
  });

  test("401 and 403", async () => {
    const other = await makeToken({ project: "shop", environment: "next" });
    for (const [secret, status] of [["imm_x", 401] as const, [other, 403] as const]) {
      const answered = await ask({ headers: { authorization: `Bearer ${secret}` } });
      expect([secret, answered.status]).toEqual([secret, status]);
    }
  });

  test("500", async () => {
    const { status, body } = await faulty(() => ask({}));
    expect([status, v.parse(General, body)]).toEqual([500, body]);
  });

  test("the event stream says when to look again, as the document has it", async () => {
    const { body } = await ask({});
    const [{ endpoint }] = body.eventStreams;
    const stop = new AbortController();
    const stream = await fetch(new URL(endpoint.requestUri, plane.server.url), {
      signal: stop.signal,
    });
    expect(stream.headers.get("content-type")).toBe("text/event-stream");
    const [event = ""] = new TextDecoder()
      .decode((await stream.body?.getReader().read())?.value)
      .split("\n\n");
    stop.abort();
    const lines = new Map(event.split("\n").map((line) => line.split(": ", 2) as [string, string]));
    expect(lines.get("event")).toBe("message");
    expect(JSON.parse(lines.get("data") ?? "")).toMatchObject({
      type: "refetchEvaluation",
      etag: expect.any(String),
    });
  });
});

test.each([
  ["a single flag", `${BULK}/DEBUG`],
  ["all flags", BULK],
])("%s: 429, with the seconds after which one may ask again", async (_, path) => {
  await using busy = await Plane.start({ data: temporaryFolder(), limits: { requests: 1 } });
  await makeShop(busy, encodeFile(PLAIN_FILE));
  // As of another machine, behind a proxy on this one.
  const headers = { "x-forwarded-for": "203.0.113.7" };
  const answers: Answered[] = [];
  while (answers.length < 99 && answers.at(-1)?.status !== 429) {
    answers.push(await busy.call("POST", path, CONTEXT, headers));
  }
  expect(answers[0]?.status).toBe(200);
  // The official clients take a date for a number of seconds.
  expect(answers.at(-1)?.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
  expect(answers.at(-1)?.status).toBe(429);
});

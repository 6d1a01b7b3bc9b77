/** The same requests on both databases: every status that the table promises. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { findPostgres, Postgres } from "../support/postgres.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { makeShop, Plane, SHOP } from "./support.ts";

const temporaryFolder = useTemporaryFolders();
const RECORD = new Uint8Array(encodeFile(PLAIN_FILE));
const DAY = 24 * 60 * 60 * 1000;

function as(secret: string): { authorization: string } {
  return { authorization: `Bearer ${secret}` };
}

describe.each(["sqlite", "postgres"])("on %s", (driver) => {
  if (driver === "postgres" && findPostgres() === undefined) {
    test.skip("PostgreSQL is not installed", () => undefined); // .ci/run installs it
    return;
  }
  let postgres: Postgres | undefined;
  let plane: Plane;
  let tag: string;

  beforeAll(async () => {
    const data = temporaryFolder();
    if (driver === "postgres") {
      postgres = await Postgres.create();
      plane = await Plane.start({ data, databaseUrl: postgres.url });
    } else {
      plane = await Plane.start({ data });
    }
    tag = await makeShop(plane, RECORD);
  }, 90_000);

  afterAll(async () => {
    expect(plane.faults).toEqual([]);
    await plane[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  }, 30_000);

  test("a record comes back as it was pushed, and older ones do not replace it", async () => {
    const record = await fetch(new URL(`${SHOP}/record`, plane.server.url), {
      headers: { "x-api-key": plane.token },
    });
    expect(new Uint8Array(await record.arrayBuffer())).toEqual(RECORD);
    const etag = record.headers.get("etag") ?? "";
    expect(
      (await plane.call("GET", `${SHOP}/record`, undefined, { "if-none-match": etag })).status,
    ).toBe(304);
    const again = await plane.call("PUT", `${SHOP}/record`, RECORD, { "if-match": tag });
    expect(again).toMatchObject({ status: 422, body: { type: "/problems/unprocessable" } });
    const broken = RECORD.with(20, 0x55);
    expect(await plane.call("PUT", `${SHOP}/record`, broken, { "if-match": tag })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining("checksum") },
    });
    const next = encodeFile({ ...PLAIN_FILE, generation: 7 });
    const pushed = await plane.call("PUT", `${SHOP}/record`, next, { "if-match": tag });
    expect(pushed).toMatchObject({ status: 200, body: { generation: 7, size: next.length } });
    tag = pushed.etag;
    const { body } = await plane.call("GET", `${SHOP}/records`);
    expect(body.records.map(({ generation }: { generation: number }) => generation)).toEqual([
      1, 7,
    ]);
    const first = await plane.call("GET", `${SHOP}/records/1`);
    expect(first.etag).toBe(etag);
    const asked = { "if-none-match": `"other", ${etag}` };
    expect((await plane.call("GET", `${SHOP}/records/1`, undefined, asked)).status).toBe(304);
    expect((await plane.call("GET", `${SHOP}/records/7`, undefined, asked)).status).toBe(200);
    for (const generation of ["3", "01", "x"]) {
      expect((await plane.call("GET", `${SHOP}/records/${generation}`)).status).toBe(404);
    }
  });

  test("a key lends nothing to what else was sent beside it", async () => {
    const beside = { authorization: "Basic cHJveHk6cHJveHk=" };
    const key = { "x-api-key": plane.token };
    const of = async (headers: { [name: string]: string }) =>
      (await plane.call("GET", "/v1/tokens", undefined, headers)).status;
    expect(await of({ ...beside, ...key })).toBe(200);
    expect(await of(beside)).toBe(401);
    expect(await of({ ...beside, "x-api-key": "imm_x" })).toBe(401);
    expect(await of({ authorization: `bEARER ${plane.token}` })).toBe(200);
  });

  test("an override switches a flag until it ends, is cleared, or is stale", async () => {
    const path = `${SHOP}/overrides/DEBUG`;
    const wish = { enabled: true, until: plane.clock.now + DAY, reason: "an incident" };
    const set = await plane.call("PUT", path, wish, { "if-match": tag });
    expect(set).toMatchObject({ status: 200, body: { flag: "DEBUG", enabled: true } });
    expect(await plane.call("PUT", path, wish, { "if-match": tag })).toMatchObject({ status: 412 });
    expect(await plane.call("PUT", path, wish)).toMatchObject({ status: 428 });
    expect(await plane.call("PUT", path, wish, { "if-match": "*" })).toMatchObject({ status: 400 });
    const flag = async () => (await plane.call("GET", SHOP)).body.flags[0];
    expect(await flag()).toMatchObject({ enabled: true, recorded: false, override: wish });
    plane.clock.now += 2 * DAY;
    expect(await flag()).toMatchObject({ enabled: false, override: null });
    // That it has ended is a change, which comes by itself.
    while ((await plane.call("GET", SHOP)).etag === set.etag) await Bun.sleep(20);
    const { etag } = await plane.call("GET", SHOP);
    const again = await plane.call("PUT", path, { ...wish, until: null }, { "if-match": etag });
    const clear = (version: string) =>
      plane.call("DELETE", `${path}?reason=over`, undefined, { "if-match": version });
    const gone = await clear(again.etag);
    expect(gone.status).toBe(204);
    tag = gone.etag;
    expect((await clear(tag)).status).toBe(404);
  });

  test("what a record or the clock forbids is refused, and changes nothing", async () => {
    const put = (flag: string, body: unknown) =>
      plane.call("PUT", `${SHOP}/overrides/${flag}`, body, { "if-match": tag });
    const reason = "r";
    const past = { enabled: true, until: plane.clock.now - 1, reason };
    const later = { enabled: true, until: plane.clock.now + 400 * DAY, reason };
    expect((await put("NOPE", { enabled: true, reason })).status).toBe(422);
    expect((await put("__proto__", { enabled: true, reason })).status).toBe(422);
    expect((await put("DEBUG", past)).status).toBe(422);
    expect((await put("DEBUG", later)).status).toBe(422);
    expect((await put("DEBUG", { enabled: 1, reason })).status).toBe(422);
    expect((await put("DEBUG", { enabled: true })).status).toBe(422);
    expect((await put("DEBUG", { enabled: true, reason, more: 1 })).status).toBe(422);
    expect((await put("DEBUG", "{")).status).toBe(422);
    expect((await plane.call("GET", SHOP)).etag).toBe(tag);
  });

  test("the record says what may be switched, and a new one clears what it does not let stand", async () => {
    let generation = 20;
    const push = async (live?: "off" | "none") => {
      const { etag } = await plane.call("GET", SHOP);
      const flags = live === undefined ? {} : { flags: { DEBUG: { live } } };
      const meta = { ...PLAIN_FILE.meta, ...flags };
      const file = encodeFile({ ...PLAIN_FILE, generation: generation++, meta });
      tag = (await plane.call("PUT", `${SHOP}/record`, file, { "if-match": etag })).etag;
    };
    const put = async (enabled: boolean) => {
      const body = { enabled, reason: "r" };
      const set = await plane.call("PUT", `${SHOP}/overrides/DEBUG`, body, { "if-match": tag });
      if (set.status === 200) tag = set.etag;
      return set;
    };
    expect((await put(true)).status).toBe(200);
    await push("off");
    const { body } = await plane.call("GET", SHOP);
    expect(body.flags[0]).toMatchObject({ live: "off", override: null });
    expect((await put(true)).body.detail).toContain("only be switched off");
    expect((await put(false)).status).toBe(200);
    await push("none");
    expect((await put(false)).body.detail).toContain("not be switched here");
    expect((await plane.call("GET", `${SHOP}/overrides`)).body.overrides).toEqual([]);
    await push();
  });

  test("names are names, and methods are methods", async () => {
    for (const project of ["..", "__proto__", "A", "-a", "", "a".repeat(64), 1, null]) {
      expect((await plane.call("POST", "/v1/projects", { project })).status).toBe(422);
    }
    expect((await plane.call("POST", "/v1/projects", { project: "shop" })).status).toBe(409);
    expect((await plane.call("GET", "/v1/projects/..%2f..%2fetc")).status).toBe(404);
    expect((await plane.call("GET", "/v1/projects/constructor/environments/live")).status).toBe(
      404,
    );
    for (const [body, detail] of [
      [{}, "project in the body is missing"],
      [{ project: "new", colour: 1 }, "colour in the body is not known here"],
      [{ project: 1 }, "project in the body: expected string"],
    ] as const) {
      expect((await plane.call("POST", "/v1/projects", body)).body.detail).toBe(detail);
    }
    const nobody = await plane.call("POST", "/v1/tokens", { name: " ", role: "reader" });
    expect(nobody.body.detail).toBe("name in the body: expected a length of >=1");
    const patch = await plane.call("PATCH", SHOP);
    expect([patch.status, patch.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect((await plane.call("GET", "/nowhere")).status).toBe(404);
    const huge = await plane.call("POST", "/v1/projects", { project: "a".repeat(70_000) });
    expect(huge.status).toBe(413);
  });

  test("a token does what its role says, where it may, as long as it lives", async () => {
    const make = (body: unknown) => plane.call("POST", "/v1/tokens", body);
    const scope = { project: "shop", environment: "live" };
    const reader = await make({
      name: "ci",
      role: "reader",
      ...scope,
      expires: plane.clock.now + DAY,
    });
    expect(reader.status).toBe(201);
    const { secret, token } = reader.body;
    expect((await plane.call("GET", SHOP, undefined, as(secret))).status).toBe(200);
    expect((await plane.call("GET", "/v1/audit", undefined, as(secret))).status).toBe(403);
    const write = { enabled: false, reason: "r" };
    const headers = { ...as(secret), "if-match": tag };
    expect((await plane.call("PUT", `${SHOP}/overrides/DEBUG`, write, headers)).status).toBe(403);
    await plane.call("POST", "/v1/projects/shop/environments", { environment: "next" });
    const other = "/v1/projects/shop/environments/next";
    expect((await plane.call("GET", other, undefined, as(secret))).status).toBe(403);
    expect((await plane.call("GET", SHOP, undefined, as("imm_wrong"))).status).toBe(401);
    expect((await plane.call("GET", SHOP, undefined, { authorization: "" })).status).toBe(401);
    plane.clock.now += 2 * DAY;
    expect((await plane.call("GET", SHOP, undefined, as(secret))).status).toBe(401);
    expect((await plane.call("DELETE", `/v1/tokens/${token}`)).status).toBe(204);
    expect((await plane.call("DELETE", `/v1/tokens/${token}`)).status).toBe(404);
    expect((await make({ name: "x", role: "owner" })).status).toBe(422);
    expect((await make({ name: "x", role: "reader", environment: "live" })).status).toBe(422);
    expect((await make({ name: "x", role: "reader", project: "nope" })).status).toBe(404);
  });

  test("the audit log says who did what, and never a secret", async () => {
    const { body } = await plane.call("GET", "/v1/audit?limit=1000");
    const kinds = body.rows.map(({ change }: { change: { kind: string } }) => change.kind);
    expect(kinds.slice(0, 4)).toEqual([
      "token.created",
      "project.created",
      "environment.created",
      "record.pushed",
    ]);
    expect(JSON.stringify(body)).not.toContain("imm_");
  });

  test("OFREP: bulk, one flag, an unchanged answer, and errors by the book", async () => {
    const path = `${SHOP}/ofrep/v1/evaluate/flags`;
    const bulk = await plane.call("POST", path, { context: { plan: "free" } });
    expect(bulk).toMatchObject({
      status: 200,
      body: { flags: [{ key: "DEBUG", value: false, reason: "STATIC", variant: "off" }] },
    });
    const seen = { "if-none-match": bulk.etag };
    expect((await plane.call("POST", path, { context: { plan: "free" } }, seen)).status).toBe(304);
    expect((await plane.call("POST", path, { context: { plan: "gold" } }, seen)).status).toBe(200);
    expect(await plane.call("POST", `${path}/DEBUG`, { context: {} })).toMatchObject({
      status: 200,
      body: { key: "DEBUG", value: false },
    });
    expect(await plane.call("POST", `${path}/NOPE`, {})).toMatchObject({
      status: 404,
      body: { errorCode: "FLAG_NOT_FOUND" },
    });
    expect(await plane.call("POST", path, [])).toMatchObject({
      status: 400,
      body: { errorCode: "PARSE_ERROR" },
    });
    expect(
      await plane.call("POST", `${path}/DEBUG`, { context: { targetingKey: 1 } }),
    ).toMatchObject({
      status: 400,
      body: { key: "DEBUG", errorCode: "INVALID_CONTEXT" },
    });
  });

  test("an open stream hears of a change once, and of nobody else's", async () => {
    const stop = new AbortController();
    const stream = await fetch(new URL(`${SHOP}/events`, plane.server.url), {
      headers: { authorization: `Bearer ${plane.token}` },
      signal: stop.signal,
    });
    const reader = stream.body?.getReader();
    const next = async () => new TextDecoder().decode((await reader?.read())?.value);
    expect(await next()).toContain(`id: ${tag.slice(1, -1)}\n`);
    await plane.call("POST", "/v1/projects", { project: "other" });
    const body = { enabled: true, reason: "r" };
    const set = await plane.call("PUT", `${SHOP}/overrides/DEBUG`, body, { "if-match": tag });
    expect(await next()).toBe(
      `id: ${set.etag.slice(1, -1)}\nevent: message\ndata: ${JSON.stringify({
        type: "refetchEvaluation",
        etag: set.etag,
        version: Number(set.etag.slice(1, -1)),
      })}\n\n`,
    );
    stop.abort();
    tag = set.etag;
  });

  test("changes made at once are all kept, in one chain", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `at-once-${index}`);
    const made = await Promise.all(
      names.map((project) => plane.call("POST", "/v1/projects", { project })),
    );
    expect(made.map(({ status }) => status)).toEqual(names.map(() => 201));
    const { body } = await plane.call("GET", "/v1/audit?limit=1000");
    expect(body.rows.map(({ sequence }: { sequence: number }) => sequence)).toEqual(
      body.rows.map((_: unknown, index: number) => index + 1),
    );
  });
});

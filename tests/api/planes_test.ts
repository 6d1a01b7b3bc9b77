/** Several servers on one database: what one is told holds at all of them, and is done once. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { Authenticator } from "../support/authenticator.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { findPostgres, Postgres } from "../support/postgres.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(30_000);
const temporaryFolder = useTemporaryFolders();
const KEY = "online.key";
const DEBUG = `${SHOP}/overrides/DEBUG`;

describe.skipIf(findPostgres() === undefined)("two servers on one database", () => {
  let postgres: Postgres;
  let sql: Bun.SQL;
  let folders: { readonly first: string; readonly second: string };
  let a: Plane;
  let b: Plane;

  beforeAll(async () => {
    postgres = await Postgres.create();
    sql = new Bun.SQL(postgres.url, { max: 1 });
    const folder = temporaryFolder();
    folders = { first: join(folder, "a"), second: join(folder, "b") };
    await start();
    await makeShop(a, encodeFile(PLAIN_FILE));
  }, 90_000);

  afterAll(async () => {
    // Each says once that the database was away.
    const words = [...a.faults, ...b.faults].map(String);
    expect(words.filter((fault) => !fault.includes("the database does not answer"))).toEqual([]);
    await stop();
    await sql.close();
    await postgres[Symbol.asyncDispose]();
  }, 30_000);

  async function start(token?: string): Promise<void> {
    const databaseUrl = postgres.url;
    const now = Date.now();
    const { first, second } = folders;
    a = await Plane.start({ data: first, databaseUrl }, token, undefined, now);
    mkdirSync(second, { recursive: true });
    copyFileSync(join(first, KEY), join(second, KEY));
    b = await Plane.start({ data: second, databaseUrl }, a.token, undefined, now);
  }

  async function stop(): Promise<void> {
    await a[Symbol.asyncDispose]();
    await b[Symbol.asyncDispose]();
  }

  /** Nothing that is told from here on is heard, until the servers listen again. */
  async function cutTheirEars(): Promise<void> {
    await until(async () => {
      const [row] = await sql`
        SELECT count(*) AS count FROM pg_stat_activity WHERE query ILIKE 'listen%'`;
      return Number(row.count) === 2;
    });
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'listen%'`;
  }

  const rowsLike = async (text: string): Promise<number> =>
    (await sql`SELECT 1 FROM immuconfig.audit WHERE change LIKE ${`%${text}%`}`).length;

  const freed = async (): Promise<string> => {
    const tag = await tagAt(a);
    const cleared = await a.call("DELETE", `${DEBUG}?reason=over`, undefined, { "if-match": tag });
    return cleared.status === 204 ? cleared.etag : tag;
  };

  test("a change at one ends at the streams, sets and answers of the other", async () => {
    const tag = await freed();
    const stream = await fetch(new URL(`${SHOP}/events`, b.server.url), {
      headers: { authorization: `Bearer ${b.token}` },
    });
    const events = stream.body?.getReader();
    let text = "";
    const heard = async (etag: string): Promise<void> => {
      while (!text.includes(`id: ${etag.slice(1, -1)}\n`)) {
        text += new TextDecoder().decode((await events?.read())?.value);
      }
    };
    const wish = { enabled: true, reason: "try" };
    const set = await a.call("PUT", DEBUG, wish, { "if-match": tag });
    await heard(set.etag);
    expect(await tagAt(b)).toBe(set.etag);
    const [atA, atB] = await Promise.all([a, b].map((plane) => plane.call("GET", `${SHOP}/set`)));
    expect(payloadOf(atB?.body)).toEqual(payloadOf(atA?.body));

    // What is told while nobody listens is found all the same.
    await cutTheirEars();
    const off = await a.call("PUT", DEBUG, { ...wish, enabled: false }, { "if-match": set.etag });
    await heard(off.etag);
    await events?.cancel();
  });

  test("a record that one was given is served by the other, also when the database is away", async () => {
    const file = encodeFile({ ...PLAIN_FILE, generation: 9 });
    const tag = await tagAt(a);
    const pushed = await a.call("PUT", `${SHOP}/record`, file, { "if-match": tag });
    expect(pushed.status).toBe(200);
    await until(async () => (await tagAt(b)) === pushed.etag);
    // The other reads the file by itself after its tag; a request for it would read it, too.
    await Bun.sleep(1000);
    await postgres.stop("immediate");
    try {
      expect((await b.call("GET", SHOP)).body.record.generation).toBe(9);
      expect((await b.call("GET", `${SHOP}/record`)).status).toBe(200);
      const wish = { enabled: true, reason: "r" };
      const refused = await b.call("PUT", DEBUG, wish, { "if-match": pushed.etag });
      expect(refused).toMatchObject({ status: 503 });
    } finally {
      await postgres.start();
    }
    const again = await b.call("GET", SHOP);
    expect(again.etag).toBe(pushed.etag);
  });

  test("one that is behind decides on the newest state: tags, freezes, second persons, tokens", async () => {
    const wish = { enabled: true, reason: "r" };
    // The rule of two persons stays.
    const place = "/v1/projects/shop/environments/careful";
    await a.call("POST", "/v1/projects/shop/environments", { environment: "careful" });
    const { etag: empty } = await a.call("GET", place);
    const pushed = await a.call("PUT", `${place}/record`, encodeFile(PLAIN_FILE), at(empty));
    const tag = pushed.etag;
    const flag = `${place}/overrides/DEBUG`;
    const made = await a.call("POST", "/v1/tokens", { name: "ci", role: "writer" });
    const ci = { authorization: `Bearer ${made.body.secret}` };
    await until(async () => (await b.call("GET", place, undefined, ci)).status === 200);

    await cutTheirEars();
    const set = await a.call("PUT", flag, wish, at(tag));
    expect((await b.call("PUT", flag, wish, at(tag))).status).toBe(412);
    await cutTheirEars();
    const frozen = await a.call("PUT", `${place}/freeze`, { reason: "a night" }, at(set.etag));
    const off = { ...wish, enabled: false };
    expect(await b.call("PUT", flag, off, { ...at(frozen.etag), ...ci })).toMatchObject({
      status: 423,
    });
    const thawed = await b.call(
      "DELETE",
      `${place}/freeze?reason=over`,
      undefined,
      at(frozen.etag),
    );
    await cutTheirEars();
    const rule = { twoPersons: true, reason: "care" };
    const ruled = await b.call("PUT", `${place}/rule`, rule, at(thawed.etag));
    expect(ruled.status).toBeLessThan(300);
    expect(await a.call("PUT", flag, off, at(ruled.etag))).toMatchObject({
      status: 409,
      body: { type: "/problems/needs-approval" },
    });
    await cutTheirEars();
    expect((await a.call("DELETE", `/v1/tokens/${made.body.token}`)).status).toBe(204);
    const late = await b.call("PUT", flag, off, { ...at(ruled.etag), ...ci });
    expect(late.status).toBe(401);
  });

  test("one key makes a change once, whoever is asked, at once or after both were started again", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const create = (plane: Plane) =>
      plane.call("POST", "/v1/projects", { project: "once" }, headers);
    const answers = await Promise.all([a, b, a, b].map(create));
    // One that comes in the middle of another's is told that it was made, and not how it was answered.
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    for (const { status, body } of answers) {
      if (status !== 201) expect(body.detail).toContain("this was done before");
    }
    expect(await rowsLike('"once"')).toBe(1);

    const secret = { "idempotency-key": crypto.randomUUID() };
    const token = (plane: Plane) =>
      plane.call("POST", "/v1/tokens", { name: "deploy", role: "reader" }, secret);
    const first = await token(a);
    expect((await token(a)).body).toEqual(first.body);
    expect((await token(b)).body.detail).toContain("its answer was given once and is not kept");
    const written =
      await sql`SELECT coalesce(string_agg(answer, ''), '') AS text FROM immuconfig.claim`;
    expect(written[0].text).not.toContain(first.body.secret);

    await stop();
    await start(a.token);
    expect((await create(a)).status).toBe(201);
    expect((await create(b)).body).toEqual({ project: "once" });
    const other = await b.call("POST", "/v1/projects", { project: "twice" }, headers);
    expect(other.status).toBe(422);
  });

  test("what is due is done once", async () => {
    let tag = await freed();
    const time = a.clock.now + 1000;
    for (const enabled of [true, false]) {
      const wish = { action: { kind: "switch", flag: "DEBUG", enabled, until: null }, at: time };
      const made = await a.call(
        "POST",
        `${SHOP}/schedules`,
        { ...wish, reason: "a plan" },
        { "if-match": tag },
      );
      expect(made.status).toBe(201);
      tag = made.etag;
    }
    a.clock.now = time + 1;
    b.clock.now = time + 1;
    await until(async () => (await rowsLike("schedule.done")) === 2);
    await Bun.sleep(1500);
    expect(await rowsLike("schedule.done")).toBe(2);
    expect((await b.call("GET", `${SHOP}/schedules`)).body.schedules).toEqual([]);
  });

  test("who is removed at one is nobody at the other", async () => {
    const { body } = await a.call("POST", "/v1/people", { name: "Bob", grants: [] });
    expect((await b.call("DELETE", `/v1/people/${body.person}`)).status).toBe(204);
    const authenticator = new Authenticator("http://localhost:8737");
    const invited = { invitation: body.invitation, passkey: authenticator.create("none") };
    const page = { origin: "http://localhost:8737", "sec-fetch-site": "same-origin" };
    const joined = await a.call("POST", "/v1/session/invitation", invited, page);
    expect(joined.status).toBeGreaterThanOrEqual(400);
  });

  test("they sign with one key: another is refused, and takes its place only when told so", async () => {
    const databaseUrl = postgres.url;
    const data = temporaryFolder();
    expect(Plane.start({ data, databaseUrl }, a.token)).rejects.toMatchObject({
      code: "ERR_KEY",
      message: expect.stringContaining("is missing"),
    });
    const alone = await Plane.start({ data });
    await alone.server.stop();
    expect(Plane.start({ data, databaseUrl }, a.token)).rejects.toMatchObject({
      code: "ERR_KEY",
      message: expect.stringContaining("is another"),
    });
    expect(await keyOf(b)).toBe(await keyOf(a));
    const replaced = await Plane.start({ data, databaseUrl, newOnlineKey: true }, a.token);
    expect(await keyOf(replaced)).not.toBe(await keyOf(a));
    await replaced.server.stop();
    const { first } = folders;
    expect(Plane.start({ data: first, databaseUrl }, a.token)).rejects.toMatchObject({
      code: "ERR_KEY",
    });
    await (
      await Plane.start({ data: first, databaseUrl, newOnlineKey: true }, a.token)
    ).server.stop();
  });
});

describe.skipIf(findPostgres() === undefined)("a database that is put back", () => {
  test.each([
    ["lost its last row", "DELETE FROM immuconfig.audit WHERE sequence = $1", "has lost row"],
    [
      "has another last row",
      "UPDATE immuconfig.audit SET digest = repeat('0', 64) WHERE sequence = $1",
      "has another row",
    ],
  ])("and %s gets no second branch", async (_, statement, message) => {
    await using postgres = await Postgres.create();
    await using plane = await Plane.start({ data: temporaryFolder(), databaseUrl: postgres.url });
    await makeShop(plane, encodeFile(PLAIN_FILE));
    await using sql = new Bun.SQL(postgres.url, { max: 1 });
    const { sequence } = (await plane.call("GET", "/v1/health")).body;
    await sql.unsafe(statement, [sequence]);
    const before = await sql`SELECT count(*) AS count FROM immuconfig.audit`;
    const refused = await plane.call("POST", "/v1/projects", { project: "branch" });
    expect(refused.status).toBe(500);
    expect(plane.faults.map(String).join()).toContain(message);
    expect(await sql`SELECT count(*) AS count FROM immuconfig.audit`).toEqual(before);
    expect((await plane.call("GET", SHOP)).status).toBe(200);
  });
});

function at(etag: string): { readonly "if-match": string } {
  return { "if-match": etag };
}

/** The environment's tag at a server. */
async function tagAt(plane: Plane): Promise<string> {
  return (await plane.call("GET", SHOP)).etag;
}

async function keyOf(plane: Plane): Promise<string> {
  return (await plane.call("GET", "/v1/online-key")).body.publicKey;
}

/** Of a JWS, without the times of its making. */
function payloadOf(jws: string): object {
  const [, payload = ""] = jws.split(".");
  const { iat: _, exp: __, ...rest } = JSON.parse(Buffer.from(payload, "base64url").toString());
  return rest;
}

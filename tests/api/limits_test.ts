/** What one caller or one address may ask for, and what is sent twice. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { addressOf, RateLimits } from "../../src/api/http/rate_limits.ts";
import { EventHub } from "../../src/api/events/hub.ts";
import { Refusal } from "../../src/api/domain/refusal.ts";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { type Answered, makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();

function refusalOf(work: () => void): Refusal | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  return undefined;
}

function from(address: string): { "x-forwarded-for": string } {
  return { "x-forwarded-for": `1.2.3.4, ${address}` };
}

/** Calls until one is refused for their number. */
async function untilRefused(call: () => Promise<Answered>, most: number): Promise<Answered[]> {
  const answers: Answered[] = [];
  while (answers.length < most && answers.at(-1)?.status !== 429) answers.push(await call());
  return answers;
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

describe("limits", () => {
  test("one token's changes are counted, and neither its reads nor another's changes", async () => {
    await using plane = await Plane.start({ data: temporaryFolder(), limits: { changes: 1 } });
    const { body } = await plane.call("POST", "/v1/tokens", { name: "other", role: "admin" });
    const answers = await untilRefused(
      () => plane.call("POST", "/v1/projects", { project: "a" }),
      99,
    );
    expect(answers.length).toBeGreaterThan(9);
    const last = answers.at(-1);
    expect(last).toMatchObject({ status: 429, body: { type: "/problems/too-many-requests" } });
    expect(last?.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
    expect((await plane.call("GET", "/v1/projects")).status).toBe(200);
    const other = { authorization: `Bearer ${body.secret}` };
    expect((await plane.call("POST", "/v1/projects", { project: "b" }, other)).status).toBe(201);
  });

  test("one address's guesses are counted, and nobody is kept out by another's", async () => {
    await using plane = await Plane.start({ data: temporaryFolder(), limits: { attempts: 1 } });
    const guess = { authorization: "Bearer imm_x", ...from("203.0.113.7") };
    const guesses = await untilRefused(
      () => plane.call("GET", "/v1/projects", undefined, guess),
      99,
    );
    expect(guesses[0]?.status).toBe(401);
    expect(guesses.at(-1)?.status).toBe(429);
    // Who has a token is let in, also from there.
    const good = from("203.0.113.7");
    expect((await plane.call("GET", "/v1/projects", undefined, good)).status).toBe(200);
    const other = { ...guess, ...from("203.0.113.8") };
    expect((await plane.call("GET", "/v1/projects", undefined, other)).status).toBe(401);
    const signIn = { "sec-fetch-site": "same-origin", authorization: "", ...good };
    const tried = await plane.call("POST", "/v1/session", { secret: plane.token }, signIn);
    expect(tried.status).toBe(429);
  });

  test("one address's requests are counted", async () => {
    await using plane = await Plane.start({ data: temporaryFolder(), limits: { requests: 2 } });
    const answers = await untilRefused(
      () => plane.call("GET", "/v1/health", undefined, from("2001:db8::1")),
      99,
    );
    expect(answers.length).toBeGreaterThan(19);
    expect(answers.at(-1)?.status).toBe(429);
    expect((await plane.call("GET", "/v1/health")).status).toBe(200);
  });

  test("tokens that cannot be checked, because their issuer is away, are counted too", async () => {
    await using plane = await Plane.start({ data: temporaryFolder(), limits: { attempts: 1 } });
    const away = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response("", { status: 500 }),
    });
    const url = `http://127.0.0.1:${away.port}`;
    const rules = [{ claims: { sub: "s" }, role: "reader" }];
    const issuer = { issuer: "ci", url, jwks: `${url}/keys`, audience: "a", rules };
    expect((await plane.call("POST", "/v1/issuers", issuer)).status).toBe(201);
    const token = `${part({ alg: "EdDSA", kid: "k" })}.${part({ iss: url })}.AAAA`;
    const guess = { authorization: `Bearer ${token}`, ...from("203.0.113.7") };
    const guesses = await untilRefused(
      () => plane.call("GET", "/v1/projects", undefined, guess),
      99,
    );
    await away.stop(true);
    expect([guesses[0]?.status, guesses.at(-1)?.status]).toEqual([503, 429]);
    // The log has those that the issuer is to blame for.
    expect(plane.faults.splice(0)[0]).toMatchObject({ problem: "unavailable" });
    expect((await plane.call("GET", "/v1/projects", undefined, from("203.0.113.7"))).status).toBe(
      200,
    );
  });

  test("what is spent comes back, and many callers cost bounded memory", () => {
    const limits = new RateLimits({ changes: 1000, attempts: 1, requests: 1 });
    for (let index = 0; index < 50_000; index++) limits.attempt(`203.0.113.${index}`);
    for (let index = 0; index < 11; index++) refusalOf(() => limits.attempt("203.0.113.49999"));
    expect(refusalOf(() => limits.attempt("203.0.113.49999"))?.problem).toBe("too-many-requests");
    // It was forgotten for those who came after it.
    expect(refusalOf(() => limits.attempt("203.0.113.1"))).toBeUndefined();
  });

  test("an address is the connection's, or whom a proxy on this machine names last", () => {
    expect(addressOf("203.0.113.1", "198.51.100.1")).toBe("203.0.113.1");
    expect(addressOf("127.0.0.1", "198.51.100.1, 203.0.113.1")).toBe("203.0.113.1");
    expect(addressOf("::1", null)).toBeUndefined();
    expect(addressOf("::ffff:127.0.0.1", "")).toBeUndefined();
    expect(addressOf("2001:db8:1:2:3:4:5:6", null)).toBe("2001:db8:1:2::/64");
    expect(addressOf("2001:db8:1:2::9", null)).toBe("2001:db8:1:2::/64");
  });
});

describe("event streams", () => {
  test("are bounded, for all and for each caller, and make room when they end", async () => {
    const hub = new EventHub(Date.now, { all: 3, each: 2 });
    const open = (owner: string) => hub.open("shop/live", "first", owner, null);
    const streams = [open("token:a"), open("token:a")];
    expect(refusalOf(() => open("token:a"))?.problem).toBe("too-many-requests");
    streams.push(open("token:b"));
    expect(refusalOf(() => open("token:c"))?.problem).toBe("unavailable");
    await streams[0]?.cancel();
    expect(refusalOf(() => open("token:a"))).toBeUndefined();
    expect(hub.size).toBe(3);
    hub.close();
  });

  test("end when the time of their token is over, and not before", async () => {
    await using plane = await Plane.start({ data: temporaryFolder() });
    await makeShop(plane, encodeFile(PLAIN_FILE));
    const open = async (expires: number | null) => {
      const wish = { name: "ci", role: "reader", expires };
      const { body } = await plane.call("POST", "/v1/tokens", wish);
      const stream = await fetch(new URL(`${SHOP}/events`, plane.server.url), {
        headers: { authorization: `Bearer ${body.secret}` },
      });
      const events = stream.body?.getReader();
      await events?.read();
      return events;
    };
    const [short, long, endless] = [
      await open(plane.clock.now + 1000),
      await open(plane.clock.now + 60_000),
      await open(null),
    ];
    plane.clock.now += 1000;
    expect((await short?.read())?.done).toBe(true);
    const { etag } = await plane.call("GET", SHOP);
    const wish = { enabled: true, reason: "r" };
    await plane.call("PUT", `${SHOP}/overrides/DEBUG`, wish, { "if-match": etag });
    for (const events of [long, endless]) {
      expect((await events?.read())?.done).toBe(false);
      await events?.cancel();
    }
  });

  test("end with the token that opened them, and with nobody else's", async () => {
    await using plane = await Plane.start({ data: temporaryFolder() });
    await makeShop(plane, encodeFile(PLAIN_FILE));
    const reader = { role: "reader", project: "shop", environment: "live" };
    const follow = async (name: string) => {
      const { body } = await plane.call("POST", "/v1/tokens", { name, ...reader });
      const stream = await fetch(new URL(`${SHOP}/events`, plane.server.url), {
        headers: { authorization: `Bearer ${body.secret}` },
      });
      const events = stream.body?.getReader();
      await events?.read();
      return { id: body.token, events };
    };
    const [gone, kept] = [await follow("gone"), await follow("kept")];
    expect((await plane.call("DELETE", `/v1/tokens/${gone.id}`)).status).toBe(204);
    expect((await gone.events?.read())?.done).toBe(true);
    const { etag } = await plane.call("GET", SHOP);
    const wish = { enabled: true, reason: "r" };
    await plane.call("PUT", `${SHOP}/overrides/DEBUG`, wish, { "if-match": etag });
    expect((await kept.events?.read())?.done).toBe(false);
    await kept.events?.cancel();
  });
});

describe("a change that is sent twice with one key", () => {
  test("is made once, and both get one answer", async () => {
    await using plane = await Plane.start({ data: temporaryFolder() });
    await makeShop(plane, encodeFile(PLAIN_FILE));
    const headers = { "idempotency-key": "4f1c" };
    const body = { name: "ci", role: "reader" };
    const create = () => plane.call("POST", "/v1/tokens", body, headers);
    const [first, second] = await Promise.all([create(), create()]);
    const third = await create();
    expect(first.status).toBe(201);
    expect([second.body, third.body]).toEqual([first.body, first.body]);
    expect((await plane.call("GET", "/v1/tokens")).body.tokens).toHaveLength(2);
    const { etag } = await plane.call("GET", SHOP);
    const wish = { enabled: true, reason: "r" };
    const set = () =>
      plane.call("PUT", `${SHOP}/overrides/DEBUG`, wish, {
        "if-match": etag,
        ...headers,
        "idempotency-key": "k2",
      });
    const [once, twice] = [await set(), await set()];
    expect([once.status, twice.status, twice.etag]).toEqual([200, 200, once.etag]);
  });

  test("is another request with another body, and nothing with another's key", async () => {
    await using plane = await Plane.start({ data: temporaryFolder() });
    const headers = { "idempotency-key": "k" };
    const create = (project: string, more: { [name: string]: string } = {}) =>
      plane.call("POST", "/v1/projects", { project }, { ...headers, ...more });
    expect((await create("one")).status).toBe(201);
    expect((await create("two")).status).toBe(422);
    const { body } = await plane.call("POST", "/v1/tokens", { name: "other", role: "admin" });
    const other = { authorization: `Bearer ${body.secret}` };
    expect((await create("two", other)).status).toBe(201);
    expect((await create("three", { "idempotency-key": "a b" })).status).toBe(400);
    // What was refused was not done, and may be tried again.
    const key = { "idempotency-key": "again" };
    expect((await create("one", key)).status).toBe(409);
    expect((await create("three", key)).status).toBe(201);
    plane.clock.now += 2 * 24 * 60 * 60 * 1000;
    expect((await create("four")).status).toBe(201);
  });
});

test("a body that comes slowly does not outlive its token", async () => {
  await using plane = await Plane.start({ data: temporaryFolder() });
  const { body: made } = await plane.call("POST", "/v1/tokens", { name: "ci", role: "admin" });
  const { readable, writable } = new TransformStream<Uint8Array>();
  const slow = writable.getWriter();
  void slow.write(new TextEncoder().encode('{"project":'));
  const answer = fetch(new URL("/v1/projects", plane.server.url), {
    method: "POST",
    headers: { authorization: `Bearer ${made.secret}` },
    body: readable,
  });
  await Bun.sleep(100);
  expect((await plane.call("DELETE", `/v1/tokens/${made.token}`)).status).toBe(204);
  void slow.write(new TextEncoder().encode('"late"}'));
  void slow.close();
  expect((await answer).status).toBe(401);
  expect((await plane.call("GET", "/v1/projects")).body.projects).toEqual([]);
});

test("a request that comes by drops is cut off, before its headers end and after", async () => {
  await using plane = await Plane.start({ data: temporaryFolder() });
  const { hostname, port } = plane.server.url;
  const drip = async (head: string): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: { data: () => undefined, close: () => resolve() },
    });
    socket.write(head);
    const drops = setInterval(() => socket.write("x"), 2000);
    await promise;
    clearInterval(drops);
  };
  const line = "POST /v1/session HTTP/1.1\r\nhost: x\r\n";
  await Promise.all([drip(`${line}x-long: `), drip(`${line}content-length: 1000\r\n\r\n`)]);
});

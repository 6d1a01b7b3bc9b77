/** Jobs of a CI system with tokens of its own, on both databases: whom it lets in, and until when. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { DRIVERS, type Database, startOn } from "./databases.ts";
import { makeShop, type Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const MAIN = "repo:acme/shop:ref:main";
const HOUR_S = 60 * 60;

interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

async function newKey(alg: string, kid: string): Promise<Key> {
  return { kid, alg, ...(await generateKeyPair(alg, { extractable: true })) };
}

function isUnavailable(fault: unknown): boolean {
  return JSON.stringify(fault).includes('"unavailable"');
}

function as(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** An issuer on this machine, whose keys can change and whose server can be away. */
class Issuer implements AsyncDisposable {
  keys: Key[] = [];
  fetches = 0;
  isAway = false;
  readonly #server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async () => {
      this.fetches++;
      if (this.isAway) return new Response("away", { status: 503 });
      const keys = await Promise.all(
        this.keys.map(async ({ kid, alg, publicKey }) => ({
          ...(await exportJWK(publicKey)),
          kid,
          alg,
        })),
      );
      return Response.json({ keys });
    },
  });

  get url(): string {
    return this.#server.url.origin;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

describe.each(DRIVERS)("on %s", (driver) => {
  let database: Database;
  let plane: Plane;
  let issuer: Issuer;
  let ed: Key;

  beforeAll(async () => {
    database = await startOn(driver, temporaryFolder());
    ({ plane } = database);
    await makeShop(plane, encodeFile(PLAIN_FILE));
    issuer = new Issuer();
    ed = await newKey("EdDSA", "ed");
    issuer.keys = [ed, await newKey("ES256", "es"), await newKey("RS256", "rs")];
    expect((await trust("ci", issuer)).status).toBe(201);
  }, 90_000);

  afterAll(async () => {
    expect(plane.faults).toEqual([]);
    await issuer[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  }, 30_000);

  const trust = (name: string, { url }: Issuer) =>
    plane.call("POST", "/v1/issuers", {
      issuer: name,
      url,
      jwks: `${url}/keys`,
      audience: "immuconfig",
      rules: [{ claims: { sub: MAIN }, role: "writer", project: "shop", environment: "live" }],
    });

  function sign(key: Key, change: Readonly<{ [claim: string]: unknown }> = {}): Promise<string> {
    const now = Math.floor(plane.clock.now / 1000);
    const claims = {
      iss: issuer.url,
      aud: "immuconfig",
      sub: MAIN,
      iat: now,
      exp: now + HOUR_S,
      ...change,
    };
    const { alg, kid } = key;
    return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key.privateKey);
  }

  /** An event stream, after what it begins with. */
  const follow = async (token: string) => {
    const stream = await fetch(new URL(`${SHOP}/events`, plane.server.url), { headers: as(token) });
    const events = stream.body?.getReader();
    await events?.read();
    return events;
  };

  const read = async (token: string, path = SHOP) =>
    (await plane.call("GET", path, undefined, as(token))).status;

  test.each(["EdDSA", "ES256", "RS256"])("a job pushes with a token by %s", async (alg) => {
    const key = issuer.keys.find((one) => one.alg === alg) ?? ed;
    const token = await sign(key);
    const { etag, body } = await plane.call("GET", SHOP, undefined, as(token));
    const generation = body.record.generation + 1;
    const file = encodeFile({ ...PLAIN_FILE, generation });
    const headers = { ...as(token), "if-match": etag };
    expect((await plane.call("PUT", `${SHOP}/record`, file, headers)).status).toBe(200);
    const { body: seen } = await plane.call("GET", `${SHOP}/history`);
    expect(seen.history[0]).toMatchObject({ by: `job:ci:${MAIN}` });
    expect(await read(token, "/v1/tokens")).toBe(403);
    expect(issuer.fetches).toBe(1);
  });

  test("what is wrong with a token lets nobody in", async () => {
    const now = Math.floor(plane.clock.now / 1000);
    const other = await newKey("EdDSA", "ed");
    const pem = new TextEncoder().encode(await exportSPKI(ed.publicKey));
    const body = Buffer.from(
      JSON.stringify({ iss: issuer.url, aud: "immuconfig", sub: MAIN, iat: now, exp: now + 9 }),
    );
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${body.toString("base64url")}.x`;
    const wrong = {
      key: await sign(other),
      issuer: await sign(ed, { iss: "https://elsewhere.example.test" }),
      audience: await sign(ed, { aud: "another" }),
      expired: await sign(ed, { iat: now - 9 * HOUR_S, exp: now - 8 * HOUR_S }),
      early: await sign(ed, { nbf: now + HOUR_S }),
      endless: await sign(ed, { exp: undefined }),
      subject: await sign(ed, { sub: undefined }),
      none,
      confused: await new SignJWT({
        iss: issuer.url,
        aud: "immuconfig",
        sub: MAIN,
        iat: now,
        exp: now + 9,
      })
        .setProtectedHeader({ alg: "HS256", kid: "ed" })
        .sign(pem),
      cut: (await sign(ed)).slice(0, -4),
    };
    const answers = Object.entries(wrong).map(async ([name, token]) => [name, await read(token)]);
    expect(await Promise.all(answers)).toEqual(Object.keys(wrong).map((name) => [name, 401]));
    // Another branch is known, and may do nothing.
    expect(await read(await sign(ed, { sub: "repo:acme/shop:ref:evil" }))).toBe(403);
    // A name of a branch stands in lines that people read.
    const authorization = `Bearer ${await sign(ed, { sub: "ref:a\n\u202eb" })}`;
    const session = await plane.call("GET", "/v1/session", undefined, { authorization });
    expect(session.body).toMatchObject({
      name: "ref:a??b",
      actor: expect.stringContaining(":ref:a??b"),
    });
  });

  test("a token is believed until it ends, also from memory", async () => {
    const token = await sign(ed);
    expect([await read(token), await read(token)]).toEqual([200, 200]);
    const events = await follow(token);
    plane.clock.now += 2 * HOUR_S * 1000;
    expect(await read(token)).toBe(401);
    expect((await events?.read())?.done).toBe(true);
  });

  test("unknown keys are asked for once in a while; known ones do without their server", async () => {
    const before = issuer.fetches;
    const unknown = { ...(await newKey("EdDSA", "new")) };
    const tokens = await Promise.all(Array.from({ length: 20 }, () => sign(unknown)));
    for (const token of tokens) expect(await read(token)).toBe(401);
    expect(issuer.fetches - before).toBeLessThanOrEqual(1);
    issuer.isAway = true;
    expect(await read(await sign(ed))).toBe(200);
    issuer.isAway = false;
  });

  test("an issuer that is removed is believed no longer, also from memory", async () => {
    const token = await sign(ed);
    expect(await read(token)).toBe(200);
    expect((await trust("again", issuer)).status).toBe(409);
    const events = await follow(token);
    expect((await plane.call("DELETE", "/v1/issuers/ci")).status).toBe(204);
    expect(await read(token)).toBe(401);
    expect((await events?.read())?.done).toBe(true);
    expect((await plane.call("DELETE", "/v1/issuers/ci")).status).toBe(404);
    issuer.isAway = true;
    await trust("ci", issuer);
    const away = await plane.call("GET", SHOP, undefined, as(token));
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(away.body).toMatchObject({
      title: "It cannot be done now",
      detail: "the keys of the token's issuer cannot be fetched; try again",
    });
    // Anybody can name it in a token: it is not asked for each.
    const before = issuer.fetches;
    for (let count = 0; count < 10; count++) expect(await read(`${token}${count}`)).toBe(503);
    expect(issuer.fetches).toBe(before);
    // The log has it.
    const others = plane.faults.splice(0).filter((fault) => !isUnavailable(fault));
    expect(others).toEqual([]);
    issuer.isAway = false;
    expect(await read(token)).toBe(503);
    plane.clock.now += 5000;
    expect(await read(token)).toBe(200);
    expect(issuer.fetches).toBe(before + 1);
    plane.faults.splice(0);
    const { body } = await plane.call("GET", "/v1/issuers");
    expect(body.issuers).toMatchObject([{ issuer: "ci", url: issuer.url }]);
  });

  async function addStatus(body: object): Promise<number> {
    return (await plane.call("POST", "/v1/issuers", body)).status;
  }

  test("an issuer has a safe address, and rules that say something", async () => {
    const good = {
      issuer: "x",
      url: "https://x.example.test",
      jwks: "https://x.example.test/k",
      audience: "a",
    };
    const rules = [{ claims: { sub: "s" }, role: "reader" }];
    expect(await addStatus({ ...good, rules, jwks: "http://x.example.test/k" })).toBe(422);
    expect(await addStatus({ ...good, rules, jwks: "file:///etc/passwd" })).toBe(422);
    expect(await addStatus({ ...good, rules: [] })).toBe(422);
    expect(await addStatus({ ...good, rules: [{ claims: {}, role: "reader" }] })).toBe(422);
    expect(await addStatus({ ...good, rules: [{ ...rules[0], project: "nowhere" }] })).toBe(404);
    expect(await addStatus({ ...good, rules })).toBe(201);
  });
});

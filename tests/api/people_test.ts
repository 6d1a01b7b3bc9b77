/** People and their passkeys, on both databases: who is let in, who is not, and when that ends. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { encodeFile } from "../../src/format/file.ts";
import { Authenticator } from "../support/authenticator.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { DRIVERS, startOn, type Database } from "./databases.ts";
import { join, makeShop, type Plane, SHOP, signedInBy } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const ORIGIN = "http://localhost:8737";
const PAGE = { origin: ORIGIN, "sec-fetch-site": "same-origin", authorization: "" };
const ADMIN = { role: "admin", project: null, environment: null };
const WRITER = { role: "writer", project: "shop", environment: "live" };

describe.each(DRIVERS)("on %s", (driver) => {
  let database: Database;
  let plane: Plane;

  beforeAll(async () => {
    database = await startOn(driver, temporaryFolder());
    ({ plane } = database);
    await makeShop(plane, encodeFile(PLAIN_FILE));
  }, 90_000);

  afterAll(async () => {
    expect(plane.faults).toEqual([]);
    await database[Symbol.asyncDispose]();
  }, 30_000);

  async function invite(name: string, grants: readonly object[]): Promise<string> {
    const { status, body } = await plane.call("POST", "/v1/people", { name, grants });
    expect(status).toBe(201);
    return body.invitation;
  }

  test("an invitation makes one passkey, and the passkey signs in", async () => {
    const invitation = await invite("Ann", [WRITER]);
    const ann = new Authenticator(ORIGIN);
    const joined = await join(plane, invitation, ann);
    expect(joined.body).toMatchObject({ name: "Ann", grants: [WRITER] });
    expect((await join(plane, invitation, new Authenticator(ORIGIN))).status).toBe(401);
    const cookie = await signedInBy(plane, ann);
    const session = await plane.call("GET", "/v1/session", undefined, { ...PAGE, cookie });
    expect(session.body).toEqual({ name: "Ann", actor: expect.any(String), grants: [WRITER] });
    const { body } = await plane.call("GET", "/v1/projects", undefined, { ...PAGE, cookie });
    expect(body).toEqual({ projects: ["shop"] });
    const read = (path: string) => plane.call("GET", path, undefined, { ...PAGE, cookie });
    expect((await read(SHOP)).status).toBe(200);
    expect((await read("/v1/people")).status).toBe(403);
    expect((await read("/v1/audit")).status).toBe(403);
  });

  test("people see and do what their roles say, in the places that they hold", async () => {
    await plane.call("POST", "/v1/projects", { project: "secret" });
    await plane.call("POST", "/v1/projects/shop/environments", { environment: "next" });
    const bob = new Authenticator(ORIGIN);
    await join(plane, await invite("Bob", [{ ...WRITER, role: "reader" }]), bob);
    const cookie = await signedInBy(plane, bob);
    const as = { ...PAGE, cookie };
    expect((await plane.call("GET", "/v1/projects", undefined, as)).body.projects).toEqual([
      "shop",
    ]);
    expect((await plane.call("GET", "/v1/projects/shop", undefined, as)).body.environments).toEqual(
      ["live"],
    );
    expect((await plane.call("GET", "/v1/projects/secret", undefined, as)).status).toBe(403);
    const { etag } = await plane.call("GET", SHOP);
    const body = { enabled: true, reason: "r" };
    const change = { ...as, "if-match": etag };
    const path = `${SHOP}/overrides/DEBUG`;
    expect((await plane.call("PUT", path, body, change)).status).toBe(403);
    const { person } = await personNamed("Bob");
    await plane.call("PUT", `/v1/people/${person}/grants`, { grants: [WRITER] });
    expect((await plane.call("PUT", path, body, change)).status).toBe(200);
    const { body: seen } = await plane.call("GET", `${SHOP}/history`);
    expect(seen.history[0]).toMatchObject({ by: "Bob", change: { kind: "override.set" } });
  });

  async function personNamed(name: string): Promise<{ person: string }> {
    const { body } = await plane.call("GET", "/v1/people");
    return body.people.find((one: { name: string }) => one.name === name);
  }

  test("what proves nothing opens nothing", async () => {
    const eve = new Authenticator(ORIGIN);
    const invitation = await invite("Eve", [WRITER]);
    const path = "/v1/session/invitation";
    const options = await plane.call("POST", `${path}/options`, { invitation }, PAGE);
    const made = (passkey: object, headers: object = {}) =>
      plane.call("POST", path, { invitation, passkey }, { ...PAGE, ...headers });
    const { challenge } = options.body;
    // Made by another page, for another page, with another challenge, by another site.
    expect((await made(eve.create(challenge, "https://evil.example.test"))).status).toBe(401);
    const foreign = new Authenticator("https://evil.example.test");
    expect((await made(foreign.create(challenge, ORIGIN))).status).toBe(401);
    expect((await made(eve.create("AAAA"))).status).toBe(401);
    const forged = Buffer.alloc(56, 1).toString("base64url");
    expect((await made(eve.create(forged))).status).toBe(401);
    const crossSite = { "sec-fetch-site": "cross-site" };
    expect((await made(eve.create(challenge), crossSite)).status).toBe(403);
    expect((await made(eve.create(challenge), { origin: "http://127.0.0.1:8737" })).status).toBe(
      422,
    );
    // A challenge for signing in makes nothing.
    const asked = await plane.call("POST", "/v1/session/passkey/options", {}, PAGE);
    expect((await made(eve.create(asked.body.challenge))).status).toBe(401);
    plane.clock.now += 10 * 60 * 1000;
    expect((await made(eve.create(challenge))).status).toBe(401);
    expect((await join(plane, invitation, eve)).status).toBe(200);

    const signIn = async (passkey: (challenge: string) => object): Promise<number> => {
      const { body } = await plane.call("POST", "/v1/session/passkey/options", {}, PAGE);
      return (
        await plane.call("POST", "/v1/session/passkey", { passkey: passkey(body.challenge) }, PAGE)
      ).status;
    };
    expect(await signIn((text) => new Authenticator(ORIGIN).get(text))).toBe(401);
    expect(
      await signIn((text) => ({
        ...new Authenticator(ORIGIN).get(text),
        id: eve.id,
        rawId: eve.id,
      })),
    ).toBe(401);
    expect(await signIn((text) => eve.get(text, "http://localhost:1"))).toBe(401);
    expect(await signIn((text) => eve.get(text))).toBe(200);
  });

  test("an answer is good once, and a copied passkey is found out", async () => {
    const dan = new Authenticator(ORIGIN);
    await join(plane, await invite("Dan", [WRITER]), dan);
    const { body } = await plane.call("POST", "/v1/session/passkey/options", {}, PAGE);
    const passkey = dan.get(body.challenge);
    const send = () => plane.call("POST", "/v1/session/passkey", { passkey }, PAGE);
    const [first, second] = await Promise.all([send(), send()]);
    expect([first.status, second.status].toSorted((a, b) => a - b)).toEqual([200, 401]);
    expect((await send()).status).toBe(401);
    await signedInBy(plane, dan);
    dan.forget();
    const again = await plane.call("POST", "/v1/session/passkey/options", {}, PAGE);
    const copied = dan.get(again.body.challenge);
    expect(
      (await plane.call("POST", "/v1/session/passkey", { passkey: copied }, PAGE)).status,
    ).toBe(401);
  });

  test("a session ends with its passkey and its person", async () => {
    const cat = new Authenticator(ORIGIN);
    await join(plane, await invite("Cat", [WRITER]), cat);
    const cookie = await signedInBy(plane, cat);
    const status = async () =>
      (await plane.call("GET", SHOP, undefined, { ...PAGE, cookie })).status;
    expect(await status()).toBe(200);
    const { person } = await personNamed("Cat");
    expect((await plane.call("DELETE", `/v1/people/${person}/passkeys/${cat.id}`)).status).toBe(
      204,
    );
    expect(await status()).toBe(401);
    const { body } = await plane.call("POST", `/v1/people/${person}/invitation`, {});
    const next = new Authenticator(ORIGIN);
    const joined = await join(plane, body.invitation, next);
    expect(joined.status).toBe(200);
    expect((await plane.call("DELETE", `/v1/people/${person}`)).status).toBe(204);
    const gone = joined.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect((await plane.call("GET", SHOP, undefined, { ...PAGE, cookie: gone })).status).toBe(401);
    expect((await plane.call("DELETE", `/v1/people/${person}`)).status).toBe(404);
  });

  test("an invitation runs out, and a new one takes its place", async () => {
    const old = await invite("Fay", [WRITER]);
    const { person } = await personNamed("Fay");
    const { body } = await plane.call("POST", `/v1/people/${person}/invitation`, {});
    expect((await join(plane, old, new Authenticator(ORIGIN))).status).toBe(401);
    plane.clock.now += 4 * 24 * 60 * 60 * 1000;
    expect((await join(plane, body.invitation, new Authenticator(ORIGIN))).status).toBe(401);
  });

  test("the first token ends when an administrator has a passkey", async () => {
    const invitation = await invite("Root", [ADMIN]);
    const { body: made } = await plane.call("POST", "/v1/tokens", { name: "ci", role: "admin" });
    const root = new Authenticator(ORIGIN);
    expect((await join(plane, invitation, root)).status).toBe(200);
    expect((await plane.call("GET", "/v1/projects")).status).toBe(401);
    const other = { authorization: `Bearer ${made.secret}` };
    const { body } = await plane.call("GET", "/v1/audit?limit=1000", undefined, other);
    const kinds = body.rows.map(({ change }: { change: { kind: string } }) => change.kind);
    expect(kinds.slice(-2)).toEqual(["passkey.added", "token.revoked"]);
    expect(JSON.stringify(body)).not.toContain(invitation);
    const cookie = await signedInBy(plane, root);
    expect((await plane.call("GET", "/v1/people", undefined, { ...PAGE, cookie })).status).toBe(
      200,
    );
  });
});

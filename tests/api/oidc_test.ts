/** Signing in at a provider of identities: who is let in, who is not, and when that ends. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { generateKeyPair, type JWTPayload } from "jose";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { OidcProvider, signedBySecret, unsigned } from "../support/oidc_provider.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { DRIVERS, startOn, type Database } from "./databases.ts";
import { atProvider, begin, comeBack, signInAtProvider } from "./oidc_visitor.ts";
import { makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const ORIGIN = "https://flags.example.test";
const PAGE = { "sec-fetch-site": "same-origin", authorization: "" };
const WRITER = { role: "writer", project: "shop", environment: "live" };
const ADMIN = { role: "admin", project: null, environment: null };

const claimed = (more: JWTPayload) => (right: JWTPayload) => ({ ...right, ...more });
const without = (name: string) => (right: JWTPayload) =>
  Object.fromEntries(Object.entries(right).filter(([key]) => key !== name));

describe.each(DRIVERS)("on %s", (driver) => {
  let provider: OidcProvider;
  let database: Database;
  let plane: Plane;

  beforeAll(async () => {
    provider = await OidcProvider.start();
    const oidc = provider.settings(ORIGIN);
    database = await startOn(driver, temporaryFolder(), undefined, { oidc });
    ({ plane } = database);
    provider.now = () => plane.clock.now;
    await makeShop(plane, encodeFile(PLAIN_FILE));
    const { invitation } = await invite("Ann");
    provider.subject = "ann";
    await signInAtProvider(plane, invitation);
  }, 90_000);

  afterAll(async () => {
    expect(plane.faults).toEqual([]);
    await database[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  }, 30_000);

  async function invite(name: string): Promise<{ person: string; invitation: string }> {
    const { status, body } = await plane.call("POST", "/v1/people", { name, grants: [WRITER] });
    expect(status).toBe(201);
    return body;
  }

  async function kinds(): Promise<string[]> {
    const { body } = await plane.call("GET", "/v1/audit?limit=1000");
    return body.rows.map(({ change }: { change: { kind: string } }) => change.kind);
  }

  const statusOf = async (cookie: string): Promise<number> =>
    (await plane.call("GET", SHOP, undefined, { ...PAGE, cookie })).status;

  test("an invitation takes one identity, which signs in from then on", async () => {
    const { person, invitation } = await invite("Amy");
    provider.subject = "amy";
    const linked = await signInAtProvider(plane, invitation);
    expect(linked).toMatchObject({ status: 303, location: "/" });
    expect(await statusOf(linked.session)).toBe(200);
    const again = await signInAtProvider(plane);
    expect(again.location).toBe("/");
    const { body } = await plane.call("GET", "/v1/session", undefined, {
      ...PAGE,
      cookie: again.session,
    });
    expect(body).toEqual({ name: "Amy", actor: `person:${person}`, grants: [WRITER] });
    expect((await kinds()).slice(-2)).toEqual(["identity.added", "identity.signed_in"]);
    const { body: list } = await plane.call("GET", "/v1/people");
    const [identity] = list.people.find((one: { name: string }) => one.name === "Amy").identities;
    expect(identity).toMatchObject({ issuer: provider.issuer, subject: "amy" });
    // Used up: it begins nothing any more.
    expect((await begin(plane, invitation)).answer.status).toBe(401);
  });

  test("nobody comes in whom nobody invited, whatever the provider says of them", async () => {
    provider.subject = "stranger";
    provider.claims = (right) => ({
      ...right,
      email: "ann@example.test",
      email_verified: true,
      name: "Ann",
      groups: ["admin"],
    });
    const before = await kinds();
    expect(await signInAtProvider(plane)).toMatchObject({
      location: "/#sign-in=unknown",
      session: "",
    });
    provider.claims = (right) => right;
    expect(await kinds()).toEqual(before);
  });

  test("an identity is one person's, and a stolen invitation makes no second owner", async () => {
    const { invitation } = await invite("Ben");
    provider.subject = "ann";
    expect((await signInAtProvider(plane, invitation)).location).toBe("/#sign-in=known");
    provider.subject = "ben";
    const [first, second] = await Promise.all([
      signInAtProvider(plane, invitation),
      signInAtProvider(plane, invitation),
    ]);
    expect([first.location, second.location]).toContain("/");
    expect([first.session, second.session]).toContain("");
  });

  test("the cookies and the address give nothing away, and come from no header", async () => {
    const answer = await plane.call(
      "POST",
      "/v1/session/oidc",
      {},
      {
        ...PAGE,
        host: "evil.example.test",
        "x-forwarded-host": "evil.example.test",
      },
    );
    const url = new URL(answer.body.url);
    expect(url.origin).toBe(provider.issuer);
    expect(url.searchParams.get("redirect_uri")).toBe(`${ORIGIN}/v1/session/oidc/return`);
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
    const cookie = answer.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(
      /^__Host-oidc=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
    );
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(url.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
      expect(cookie).not.toContain(url.searchParams.get(name) ?? "");
    }
    provider.subject = "ann";
    const back = await comeBack(plane, await atProvider(url), cookie.split(";")[0] ?? "");
    expect(back.cookies).toEqual([
      "__Host-oidc=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
      expect.stringMatching(
        /^__Host-session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; Secure; SameSite=Strict$/,
      ),
    ]);
    const crossSite = { authorization: "", "sec-fetch-site": "cross-site" };
    expect((await plane.call("POST", "/v1/session/oidc", {}, crossSite)).status).toBe(403);
  });

  test("what the browser brings back must be its own, whole, and new", async () => {
    provider.subject = "ann";
    const { url, cookie } = await begin(plane);
    const path = await atProvider(url);
    const changed = (name: string, value: string): string => {
      const other = new URL(path, ORIGIN);
      other.searchParams.set(name, value);
      return other.pathname + other.search;
    };
    const refused = async (at: string, who: string): Promise<string> => {
      const back = await comeBack(plane, at, who);
      expect(back).toMatchObject({ status: 303, session: "" });
      return back.location;
    };
    const other = await begin(plane);
    expect(await refused(changed("state", "x"), cookie)).toBe("/#sign-in=ended");
    expect(await refused("/v1/session/oidc/return", cookie)).toBe("/#sign-in=ended");
    expect(await refused(path, "")).toBe("/#sign-in=ended");
    expect(await refused(path, other.cookie)).toBe("/#sign-in=ended");
    // None of that took from Ann what she had begun.
    expect((await comeBack(plane, path, cookie)).location).toBe("/");
    expect(await refused(path, cookie)).toBe("/#sign-in=ended");

    // A code that was used, of another browser, or made up.
    const late = await begin(plane);
    const state = late.url.searchParams.get("state") ?? "";
    expect(await refused(changed("state", state), late.cookie)).toBe("/#sign-in=unproved");
    const stolen = await atProvider((await begin(plane)).url);
    const thief = await begin(plane);
    const code = new URL(stolen, ORIGIN).searchParams.get("code") ?? "";
    const query = new URLSearchParams({
      code,
      state: thief.url.searchParams.get("state") ?? "",
    });
    expect(await refused(`/v1/session/oidc/return?${query.toString()}`, thief.cookie)).toBe(
      "/#sign-in=unproved",
    );

    // Somebody else's provider (RFC 9207), twice the same word, and more than anybody sends.
    for (const more of [
      "&iss=https%3A%2F%2Fevil.example.test",
      "&code=x",
      "&state=x",
      `&x=${"x".repeat(9000)}`,
    ]) {
      const one = await begin(plane);
      const at = await atProvider(one.url);
      expect(await refused(at + more, one.cookie)).toMatch(/^\/#sign-in=(unproved|ended)$/);
    }

    const slow = await begin(plane);
    const slowPath = await atProvider(slow.url);
    plane.clock.now += 11 * 60 * 1000;
    expect(await refused(slowPath, slow.cookie)).toBe("/#sign-in=ended");
  });

  test("what the provider says goes into no page", async () => {
    for (const [error, location] of [
      ["access_denied", "/#sign-in=cancelled"],
      ["<script>alert(1)</script>", "/#sign-in=unproved"],
    ] as const) {
      const { url, cookie } = await begin(plane);
      const state = url.searchParams.get("state") ?? "";
      const query = new URLSearchParams({ error, error_description: "<b>\r\nx: y", state });
      const back = await comeBack(plane, `/v1/session/oidc/return?${query.toString()}`, cookie);
      expect(back).toMatchObject({ status: 303, location, session: "" });
    }
  });

  const past = Date.UTC(2029, 0, 1) / 1000;
  const WRONG_CLAIMS: readonly [string, (right: JWTPayload) => JWTPayload][] = [
    ["another nonce", claimed({ nonce: "x" })],
    ["no nonce", without("nonce")],
    ["another audience", claimed({ aud: "another" })],
    ["two audiences and no word for whom", claimed({ aud: ["flags", "another"] })],
    ["another issuer", claimed({ iss: "https://evil.example.test" })],
    ["an end that has come", claimed({ exp: past })],
    ["no end", without("exp")],
    ["a beginning that has not come", claimed({ nbf: Date.UTC(2040, 0, 1) / 1000 })],
    ["no subject", without("sub")],
    ["an empty subject", claimed({ sub: "" })],
    ["a subject of any length", claimed({ sub: "x".repeat(256) })],
  ];

  test.each(WRONG_CLAIMS)("a token with %s proves nothing", async (_, claims) => {
    provider.subject = "ann";
    provider.claims = claims;
    const back = await signInAtProvider(plane);
    provider.claims = (right) => right;
    expect(back).toMatchObject({ status: 303, location: "/#sign-in=unproved", session: "" });
  });

  test("a token that the provider's key has not signed proves nothing", async () => {
    const right = provider.sign;
    const foreign = await generateKeyPair("RS256");
    const forgeries: readonly (typeof right)[] = [
      unsigned,
      signedBySecret,
      (claims) => provider.signedBy(foreign, claims),
      async (claims) => `${(await right(claims)).split(".").slice(0, 2).join(".")}.`,
      () => "x",
      () => "",
    ];
    provider.subject = "ann";
    for (const forgery of forgeries) {
      provider.sign = forgery;
      expect(await signInAtProvider(plane)).toMatchObject({
        location: "/#sign-in=unproved",
        session: "",
      });
    }
    provider.sign = right;
    expect((await signInAtProvider(plane)).location).toBe("/");
  });

  test("a session ends with its identity and with its person", async () => {
    const { person, invitation } = await invite("Cat");
    provider.subject = "cat";
    const { session } = await signInAtProvider(plane, invitation);
    const { body } = await plane.call("GET", "/v1/people");
    const [{ identity }] = body.people.find(
      (one: { name: string }) => one.name === "Cat",
    ).identities;
    const path = `/v1/people/${person}/identities/${identity}`;
    expect(await statusOf(session)).toBe(200);
    expect((await plane.call("DELETE", path)).status).toBe(204);
    expect(await statusOf(session)).toBe(401);
    expect((await plane.call("DELETE", path)).status).toBe(404);
    expect((await signInAtProvider(plane)).location).toBe("/#sign-in=unknown");
    const { body: next } = await plane.call("POST", `/v1/people/${person}/invitation`, {});
    const joined = await signInAtProvider(plane, next.invitation);
    expect(await statusOf(joined.session)).toBe(200);
    expect((await plane.call("DELETE", `/v1/people/${person}`)).status).toBe(204);
    expect(await statusOf(joined.session)).toBe(401);
    expect((await signInAtProvider(plane)).location).toBe("/#sign-in=unknown");
  });

  test("the first token ends when an administrator has an identity", async () => {
    const { body } = await plane.call("POST", "/v1/people", { name: "Root", grants: [ADMIN] });
    provider.subject = "root";
    const { session } = await signInAtProvider(plane, body.invitation);
    expect((await plane.call("GET", "/v1/projects")).status).toBe(401);
    const people = await plane.call("GET", "/v1/people", undefined, { ...PAGE, cookie: session });
    expect(people.status).toBe(200);
    expect(JSON.stringify(people.body)).not.toContain(body.invitation);
  });
});

test("the same subject at another issuer is somebody else", async () => {
  await using provider = await OidcProvider.start();
  await using other = await OidcProvider.start();
  const data = temporaryFolder();
  const { token, now } = await (async () => {
    await using plane = await Plane.start({ data, oidc: provider.settings(ORIGIN) });
    for (const one of [provider, other]) one.now = () => plane.clock.now;
    const { body } = await plane.call("POST", "/v1/people", { name: "Ann", grants: [] });
    expect((await signInAtProvider(plane, body.invitation)).location).toBe("/");
    return { token: plane.token, now: plane.clock.now };
  })();
  await using plane = await Plane.start(
    { data, oidc: other.settings(ORIGIN) },
    token,
    undefined,
    now,
  );
  expect((await signInAtProvider(plane)).location).toBe("/#sign-in=unknown");
});

test("a server without a provider says so", async () => {
  await using plane = await Plane.start({ data: temporaryFolder() });
  expect((await plane.call("GET", "/v1/session/oidc")).body).toEqual({ host: null });
  expect((await begin(plane)).answer.status).toBe(404);
  expect((await plane.call("GET", "/v1/session/oidc/return?state=x")).status).toBe(404);
});

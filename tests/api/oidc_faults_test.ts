/** A provider of identities that is not well, settings that are none, and who never comes back. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { Oidc } from "../../src/api/auth/oidc.ts";
import { oidcSettings } from "../../src/api/auth/oidc_settings.ts";
import { errorOf, rejectionOf } from "../support/errors.ts";
import { type Mood, OidcProvider } from "../support/oidc_provider.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { atProvider, begin, comeBack, signInAtProvider } from "./oidc_visitor.ts";
import { Plane } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const ORIGIN = "https://flags.example.test";

describe("a provider that is not well", () => {
  const DESCRIPTION = "/.well-known/openid-configuration";
  const MOODS: readonly Mood[] = ["silent", "endless", "huge", "broken"];

  async function meet(mood: Mood, path: string): Promise<void> {
    await using provider = await OidcProvider.start();
    await using plane = await Plane.start({
      data: temporaryFolder(),
      oidc: provider.settings(ORIGIN),
    });
    provider.now = () => plane.clock.now;
    if (path === DESCRIPTION) {
      provider.mood = { [path]: mood };
      const { answer } = await begin(plane);
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toBe("10");
      expect(answer.body.detail).not.toContain("script");
      // It is asked again as soon as somebody begins again.
      provider.mood = {};
      expect((await begin(plane)).answer.status).toBe(200);
      return;
    }
    const { url, cookie } = await begin(plane);
    provider.mood = { [path]: mood };
    const back = await comeBack(plane, await atProvider(url), cookie);
    expect(back).toMatchObject({ location: "/#sign-in=unproved", session: "" });
    expect(provider.asked).toContain(path);
  }

  test("keeps nobody waiting, and lets nobody in", async () => {
    const paths = [DESCRIPTION, "/token", "/keys"];
    await Promise.all(MOODS.flatMap((mood) => paths.map((path) => meet(mood, path))));
  });

  test("is not asked where it says that it is another, or is reached in the open", async () => {
    for (const description of [
      { issuer: "https://evil.example.test" },
      { authorization_endpoint: "http://evil.example.test/authorize" },
      { authorization_endpoint: "javascript:alert(1)" },
      { authorization_endpoint: undefined },
    ]) {
      await using provider = await OidcProvider.start();
      provider.description = description;
      const oidc = new Oidc(provider.settings(ORIGIN), { provider: () => undefined });
      expect(await rejectionOf(oidc.begin(undefined, Date.now()))).toMatchObject({
        problem: "unavailable",
      });
    }
    for (const name of ["token_endpoint", "jwks_uri"]) {
      await using provider = await OidcProvider.start();
      await using plane = await Plane.start({
        data: temporaryFolder(),
        oidc: provider.settings(ORIGIN),
      });
      provider.now = () => plane.clock.now;
      provider.description = { [name]: "http://192.0.2.1/x" };
      expect((await signInAtProvider(plane)).location).toBe("/#sign-in=unproved");
    }
  });

  test("is told of in the log, in one line without secrets", async () => {
    const provider = await OidcProvider.start();
    const settings = provider.settings(ORIGIN);
    await provider[Symbol.asyncDispose]();
    const lines: string[] = [];
    const oidc = new Oidc(settings, { provider: (line) => lines.push(line) });
    expect(await rejectionOf(oidc.begin(undefined, Date.now()))).toMatchObject({
      problem: "unavailable",
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(settings.secret ?? "");
  });
});

describe("how it is set up", () => {
  const right = {
    IMMUCONFIG_OIDC_ISSUER: "https://id.example.test/realm",
    IMMUCONFIG_OIDC_CLIENT_ID: "flags",
    IMMUCONFIG_OIDC_ORIGIN: "https://flags.example.test/",
    IMMUCONFIG_OIDC_SECRET: "s",
  };

  test("by the environment and by the command line, which has no secret", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "secret"), "from a file\n");
    expect(oidcSettings({}, {}, folder)).toBeUndefined();
    expect(oidcSettings({}, right, folder)).toEqual({
      issuer: new URL("https://id.example.test/realm"),
      clientId: "flags",
      origin: "https://flags.example.test",
      secret: "s",
    });
    const wishes = { issuer: "http://127.0.0.1:1", clientId: "c", origin: "http://localhost:8737" };
    expect(oidcSettings({ ...wishes, secretFile: "secret" }, right, folder)).toEqual({
      issuer: new URL("http://127.0.0.1:1"),
      clientId: "c",
      origin: "http://localhost:8737",
      secret: "from a file",
    });
    expect(oidcSettings(wishes, {}, folder)?.secret).toBeUndefined();
  });

  test.each([
    ["IMMUCONFIG_OIDC_ISSUER", undefined, "ERR_USAGE"],
    ["IMMUCONFIG_OIDC_CLIENT_ID", undefined, "ERR_USAGE"],
    ["IMMUCONFIG_OIDC_ORIGIN", undefined, "ERR_USAGE"],
    ["IMMUCONFIG_OIDC_ISSUER", "http://id.example.test", "ERR_VALUE"],
    ["IMMUCONFIG_OIDC_ISSUER", "https://user:pass@id.example.test", "ERR_VALUE"],
    ["IMMUCONFIG_OIDC_ISSUER", "https://id.example.test/?a=b", "ERR_VALUE"],
    ["IMMUCONFIG_OIDC_ISSUER", "file:///etc", "ERR_VALUE"],
    ["IMMUCONFIG_OIDC_CLIENT_ID", "", "ERR_VALUE"],
    ["IMMUCONFIG_OIDC_ORIGIN", "http://flags.example.test", "ERR_VALUE"],
    ["IMMUCONFIG_OIDC_ORIGIN", "https://flags.example.test/path", "ERR_VALUE"],
    ["IMMUCONFIG_OIDC_SECRET_FILE", "missing", "ERR_NOT_FOUND"],
    ["IMMUCONFIG_OIDC_SECRET_FILE", "empty", "ERR_VALUE"],
    ["IMMUCONFIG_OIDC_SECRET_FILE", "long", "ERR_VALUE"],
    ["IMMUCONFIG_OIDC_SECRET_FILE", ".", "ERR_READ"],
  ])("%s as %j is refused", (name, value, code) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "empty"), "\n");
    writeFileSync(join(folder, "long"), "x".repeat(4097));
    const set = () => oidcSettings({}, { ...right, [name]: value }, folder);
    expect(errorOf(set)).toMatchObject({ code });
  });
});

test("who begins and does not come back is forgotten, the oldest first", async () => {
  await using provider = await OidcProvider.start();
  const oidc = new Oidc(provider.settings(ORIGIN), { provider: () => undefined });
  const now = Date.now();
  const first = await oidc.begin(undefined, now);
  for (let count = 0; count < 10_000; count++) await oidc.begin(undefined, now);
  const state = new URL(first.url).searchParams.get("state") ?? "";
  const request = new Request(`${ORIGIN}/v1/session/oidc/return?state=${state}&code=x`, {
    headers: { cookie: first.cookie.split(";")[0] ?? "" },
  });
  expect(await rejectionOf(oidc.finish(request, state, now))).toMatchObject({ reason: "ended" });
});

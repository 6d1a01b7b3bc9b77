/** The real OFREP web provider and SDK against the server, through a change and a revoked token. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, type Provider, ProviderEvents } from "@openfeature/web-sdk";
import { EventSource } from "eventsource";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(30_000);
const temporaryFolder = useTemporaryFolders();
let plane: Plane;
let tag: string;

beforeAll(async () => {
  plane = await Plane.start({ data: temporaryFolder() });
  plane.clock.now = Date.now();
  tag = await makeShop(plane, encodeFile(PLAIN_FILE));
  // Bun has none; the provider looks for a browser's.
  Object.assign(globalThis, { EventSource });
});

afterAll(async () => {
  await OpenFeature.close();
  Reflect.deleteProperty(globalThis, "EventSource");
  await plane[Symbol.asyncDispose]();
});

async function switchTo(enabled: boolean): Promise<void> {
  const body = { enabled, reason: "try" };
  ({ etag: tag } = await plane.call("PUT", `${SHOP}/overrides/DEBUG`, body, { "if-match": tag }));
}

test("an application sees a switch without asking", async () => {
  const { body } = await plane.call("POST", "/v1/tokens", {
    name: "web",
    role: "reader",
    project: "shop",
    environment: "live",
  });
  await OpenFeature.setContext({ targetingKey: "u1", plan: "free" });
  await OpenFeature.setProviderAndWait(
    new OFREPWebProvider({
      baseUrl: new URL(SHOP, plane.server.url).href,
      headersFactory: () => Promise.resolve([["Authorization", `Bearer ${body.secret}`]]),
    }) as Provider,
  );
  const client = OpenFeature.getClient();
  expect(client.getBooleanDetails("DEBUG", true)).toMatchObject({
    value: false,
    reason: "STATIC",
    variant: "off",
  });
  expect(client.getBooleanDetails("NOPE", true)).toMatchObject({
    value: true,
    errorCode: "FLAG_NOT_FOUND",
  });
  expect(client.getStringDetails("DEBUG", "x")).toMatchObject({
    value: "x",
    errorCode: "TYPE_MISMATCH",
  });

  for (const enabled of [true, false, true]) {
    const changed = new Promise((resolve) =>
      client.addHandler(ProviderEvents.ConfigurationChanged, resolve),
    );
    await switchTo(enabled);
    await changed;
    expect(client.getBooleanValue("DEBUG", !enabled)).toBe(enabled);
  }
  await OpenFeature.setContext({ targetingKey: "u1", plan: "gold" });
  expect(client.getBooleanValue("DEBUG", false)).toBe(true);
});

test("a stream's address is good for its environment, as long as its token is", async () => {
  const { body: made } = await plane.call("POST", "/v1/tokens", {
    name: "short",
    role: "reader",
    project: "shop",
  });
  const path = `${SHOP}/ofrep/v1/evaluate/flags`;
  const bulk = await plane.call("POST", path, {}, { authorization: `Bearer ${made.secret}` });
  const { requestUri } = bulk.body.eventStreams[0].endpoint;
  const open = async (uri: string): Promise<number> => {
    const stop = new AbortController();
    const { status } = await fetch(new URL(uri, plane.server.url), { signal: stop.signal });
    stop.abort();
    return status;
  };
  expect(requestUri).not.toContain(made.secret);
  expect(await open(requestUri)).toBe(200);
  await plane.call("POST", "/v1/projects/shop/environments", { environment: "next" });
  expect(await open(requestUri.replace("/live/", "/next/"))).toBe(401);
  expect(await open(requestUri.replace(/.$/, (last: string) => (last === "A" ? "B" : "A")))).toBe(
    401,
  );
  expect(await open(requestUri.replace(/\?.*/, ""))).toBe(401);
  await plane.call("DELETE", `/v1/tokens/${made.token}`);
  expect(await open(requestUri)).toBe(401);
});

test("pages of other origins may ask, with a token and without cookies", async () => {
  const origin = "https://shop.example.test";
  const preflight = await plane.call("OPTIONS", `${SHOP}/ofrep/v1/evaluate/flags`, undefined, {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization",
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
  const answer = await plane.call("POST", `${SHOP}/ofrep/v1/evaluate/flags`, {}, { origin });
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.has("access-control-allow-credentials")).toBe(false);
  // What one page was told is not told to the next that asks for the same.
  const own = await plane.call("POST", `${SHOP}/ofrep/v1/evaluate/flags`, {});
  expect([own.etag, own.headers.has("access-control-allow-origin")]).toEqual([answer.etag, false]);
  const change = await plane.call("OPTIONS", `${SHOP}/overrides/DEBUG`, undefined, { origin });
  expect([change.status, change.headers.get("access-control-allow-origin")]).toEqual([405, null]);
});

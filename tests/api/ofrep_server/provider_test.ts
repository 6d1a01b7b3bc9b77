/**
 * The real OFREP provider for servers against the control plane, through changes. It stands in a
 * package of its own: its ofrep-core is not the one of the web provider.
 */

import { afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { type Client, OpenFeature } from "@openfeature/server-sdk";
import { encodeFile } from "../../../src/format/file.ts";
import { PLAIN_FILE } from "../../support/config_files.ts";
import { useTemporaryFolders } from "../../support/temp.ts";
import { buildServer } from "../server_bundle.ts";
import { makeShop, Plane, SHOP } from "../support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
let withTypes = "";
let plane: Plane;
let tag = "";

beforeAll(async () => {
  withTypes = await buildServer(temporaryFolder(), ["PREMIUM_TYPES"]);
});

afterEach(async () => {
  await OpenFeature.close();
  await plane[Symbol.asyncDispose]();
});

async function connect(server?: string, token?: string): Promise<Client> {
  plane = await Plane.start({ data: temporaryFolder() }, undefined, server);
  tag = await makeShop(plane, encodeFile(PLAIN_FILE));
  const { body } = await plane.call("POST", "/v1/tokens", {
    name: "backend",
    role: "reader",
    project: "shop",
    environment: "live",
  });
  const provider = new OFREPProvider({
    baseUrl: new URL(SHOP, plane.server.url).href,
    headersFactory: () => [["Authorization", `Bearer ${token ?? body.secret}`]],
  });
  await OpenFeature.setProviderAndWait(provider);
  return OpenFeature.getClient();
}

async function put(path: string, body: object): Promise<void> {
  const answered = await plane.call("PUT", `${SHOP}/${path}`, body, { "if-match": tag });
  expect(answered.status).toBe(200);
  tag = answered.etag;
}

describe("the server's SDK over OFREP", () => {
  test("sees each switch at once, and gets the protocol's errors", async () => {
    const client = await connect();
    for (const enabled of [true, false, true]) {
      await put("overrides/DEBUG", { enabled, reason: "try" });
      const context = { targetingKey: "u1", plan: "free" };
      expect(await client.getBooleanDetails("DEBUG", !enabled, context)).toMatchObject({
        value: enabled,
        reason: "STATIC",
        variant: enabled ? "on" : "off",
        flagMetadata: { source: "override" },
      });
    }
    expect(await client.getBooleanDetails("NOPE", true)).toMatchObject({
      value: true,
      errorCode: "FLAG_NOT_FOUND",
    });
    expect(await client.getStringDetails("DEBUG", "x", { targetingKey: "u1" })).toMatchObject({
      value: "x",
      errorCode: "TYPE_MISMATCH",
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a program may do
    const wrong = { targetingKey: 7 } as unknown as { targetingKey: string };
    expect(await client.getBooleanDetails("DEBUG", false, wrong)).toMatchObject({
      value: false,
      errorCode: "INVALID_CONTEXT",
    });
  });

  test("a token that is no longer one gives the program's own values", async () => {
    const client = await connect(undefined, "imm_wrong");
    expect(await client.getBooleanDetails("DEBUG", true)).toMatchObject({
      value: true,
      errorCode: "GENERAL",
    });
  });

  test("gets values of every type, and each key its share", async () => {
    const client = await connect(withTypes);
    await put("overrides/DEBUG", { enabled: true, reason: "try" });
    const values = { string: "grün", number: 1.5, object: { a: [1, null] }, boolean: true };
    const get = {
      string: () => client.getStringDetails("DEBUG", ""),
      number: () => client.getNumberDetails("DEBUG", 0),
      object: () => client.getObjectDetails("DEBUG", {}),
      boolean: () => client.getBooleanDetails("DEBUG", false),
    };
    for (const type of ["string", "number", "object", "boolean"] as const) {
      await put("variants/DEBUG", {
        type,
        variants: [{ name: "only", value: values[type] }],
        off: "only",
        rollout: [{ variant: "only", weight: 1 }],
        reason: "try",
      });
      expect(await get[type]()).toMatchObject({ value: values[type], variant: "only" });
    }
    await put("variants/DEBUG", {
      type: "string",
      variants: ["a", "b"].map((name) => ({ name, value: name })),
      off: "a",
      rollout: ["a", "b"].map((variant) => ({ variant, weight: 1 })),
      reason: "try",
    });
    for (const targetingKey of ["u1", "u2", "u3", "jürgen", "中"]) {
      const half = Bun.hash.murmur32v3(`DEBUG${targetingKey}`) < 2 ** 31 ? "a" : "b";
      expect(await client.getStringDetails("DEBUG", "none", { targetingKey })).toMatchObject({
        value: half,
        reason: "SPLIT",
      });
    }
    expect(await client.getStringDetails("DEBUG", "none", {})).toMatchObject({
      value: "none",
      errorCode: "TARGETING_KEY_MISSING",
    });
  });
});

/** Flags with values, variants and percentage rollouts; and a server that was built without them. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { buildServer } from "./server_bundle.ts";
import { type Answered, makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(300_000);
const temporaryFolder = useTemporaryFolders();
const root = join(import.meta.dir, "..", "..");
const OFREP = `${SHOP}/ofrep/v1/evaluate/flags`;
const PROOF_OPTIONS = ["--json", "--no-feature", "PREMIUM_TYPES"];
const COLOUR = {
  type: "string",
  variants: [
    { name: "control", value: "blue" },
    { name: "treatment", value: "grün" },
  ],
  off: "control",
  rollout: [
    { variant: "control", weight: 75 },
    { variant: "treatment", weight: 25 },
  ],
  reason: "try a colour",
};

let withTypes = "";
let without = "";
beforeAll(async () => {
  withTypes = await buildServer(temporaryFolder(), ["PREMIUM_TYPES"]);
  without = await buildServer(temporaryFolder(), []);
});

/** A shop whose flag DEBUG is on. */
async function startShop(data = temporaryFolder()): Promise<{ plane: Plane; tag: string }> {
  const plane = await Plane.start({ data }, undefined, withTypes);
  const record = { ...PLAIN_FILE.record, featureFlags: 4n };
  return { plane, tag: await makeShop(plane, encodeFile({ ...PLAIN_FILE, record })) };
}

function put(plane: Plane, tag: string, body: unknown, flag = "DEBUG"): Promise<Answered> {
  return plane.call("PUT", `${SHOP}/variants/${flag}`, body, { "if-match": tag });
}

async function ask(plane: Plane, context: object): Promise<Answered> {
  return plane.call("POST", `${OFREP}/DEBUG`, { context });
}

describe("with PREMIUM_TYPES", () => {
  test("a rollout gives each key one value, and shares as its weights say", async () => {
    const { plane, tag } = await startShop();
    await using _plane = plane;
    expect(await put(plane, tag, COLOUR)).toMatchObject({
      status: 200,
      body: { flag: "DEBUG", hash: "fractional-v2", off: "control" },
    });
    const counts = { control: 0, treatment: 0 };
    for (let index = 0; index < 400; index++) {
      const { status, body } = await ask(plane, { targetingKey: `u${index}` });
      expect([status, body.reason]).toEqual([200, "SPLIT"]);
      expect(body.value).toBe(body.variant === "control" ? "blue" : "grün");
      // The rule of flagd, on Bun's own hash.
      const hash = Bun.hash.murmur32v3(`DEBUGu${index}`);
      expect(body.variant).toBe(hash / 2 ** 32 < 0.75 ? "control" : "treatment");
      counts[body.variant as "control"]++;
    }
    expect(counts.treatment).toBeGreaterThan(60);
    expect(counts.treatment).toBeLessThan(140);
  });

  test("without a key the error says so, alone and among others", async () => {
    const { plane, tag } = await startShop();
    await using _plane = plane;
    await put(plane, tag, COLOUR);
    for (const context of [{}, { targetingKey: "" }]) {
      expect(await ask(plane, context)).toMatchObject({
        status: 400,
        body: { key: "DEBUG", errorCode: "TARGETING_KEY_MISSING" },
      });
    }
    const bulk = await plane.call("POST", OFREP, { context: {} });
    expect(bulk).toMatchObject({
      status: 200,
      body: { flags: [{ key: "DEBUG", errorCode: "TARGETING_KEY_MISSING" }] },
    });
  });

  test("off is off for everybody, and one variant alone is for everybody", async () => {
    const { plane, tag } = await startShop();
    await using _plane = plane;
    const all = [
      { variant: "control", weight: 0 },
      { variant: "treatment", weight: 1 },
    ];
    const { etag } = await put(plane, tag, { ...COLOUR, rollout: all });
    expect((await ask(plane, {})).body).toMatchObject({ value: "grün", reason: "STATIC" });
    const off = { enabled: false, reason: "stop" };
    await plane.call("PUT", `${SHOP}/overrides/DEBUG`, off, { "if-match": etag });
    expect((await ask(plane, { targetingKey: "u1" })).body).toMatchObject({
      value: "blue",
      reason: "DISABLED",
      metadata: { source: "override" },
    });
  });

  test.each([
    ["number", [0, 1.5, -3, 1e300]],
    ["boolean", [true, false]],
    ["object", [{ a: [1, { b: null }] }, JSON.parse('{"__proto__":{"x":1},"constructor":2}')]],
    ["string", ["", "\u0000\ud800", "'; DROP TABLE audit; --"]],
  ])("values of type %s come back as they were, also after a restart", async (type, values) => {
    const data = temporaryFolder();
    const { plane, tag } = await startShop(data);
    const variants = values.map((value, index) => ({ name: `v${index}`, value }));
    let etag = tag;
    for (const { name, value } of variants) {
      const rollout = [{ variant: name, weight: 1 }];
      ({ etag } = await put(plane, etag, { ...COLOUR, type, variants, off: "v0", rollout }));
      expect((await ask(plane, {})).body.value).toEqual(value);
    }
    await plane.server.stop();
    await using again = await Plane.start({ data }, plane.token, withTypes);
    expect((await ask(again, {})).body.value).toEqual(values.at(-1));
    const { body } = await again.call("GET", `${SHOP}/variants`);
    expect(body.variants).toMatchObject([{ flag: "DEBUG", type, variants }]);
  });

  const WRONG: [string, object, RegExp][] = [
    ["a value of another type", { type: "number" }, /the value of variant control is no number/],
    ["an unknown variant", { off: "nobody" }, /no variant nobody/],
    ["weights of nothing", { rollout: [{ variant: "control", weight: 0 }] }, /add up to 0/],
    [
      "weights beyond the rule",
      { rollout: [1, 2].map(() => ({ variant: "control", weight: 2 ** 31 - 1 })) },
      /not to 1 to 2147483647/,
    ],
    ["a part of a weight", { rollout: [{ variant: "control", weight: 0.5 }] }, /weight/],
    [
      "a name twice",
      { variants: [COLOUR.variants[0], COLOUR.variants[0]] },
      /two variants control/,
    ],
    [
      "a value too long",
      { variants: [{ name: "control", value: "x".repeat(5000) }, COLOUR.variants[1]] },
      /longer than 4096/,
    ],
    ["a name of its own", { variants: [{ name: "__proto__", value: "x" }] }, /name/],
    [
      "a value that nests",
      {
        type: "object",
        variants: [
          { name: "control", value: { a: JSON.parse("[".repeat(900) + "]".repeat(900)) } },
        ],
      },
      /nests more than 16 levels/,
    ],
    ["no reason", { reason: " " }, /reason/],
  ];
  test.each(WRONG)("%s is refused, and nothing changes", async (_, change, message) => {
    const { plane, tag } = await startShop();
    await using _plane = plane;
    const refused = await put(plane, tag, { ...COLOUR, ...change });
    expect([refused.status, refused.body.detail]).toEqual([422, expect.stringMatching(message)]);
    expect(await plane.call("GET", SHOP)).toMatchObject({
      etag: tag,
      body: { flags: [{ name: "DEBUG", variants: null }] },
    });
  });

  test("who may not, and who comes too late, changes nothing", async () => {
    const { plane, tag } = await startShop();
    await using _plane = plane;
    expect((await put(plane, '"1"', COLOUR)).status).toBe(412);
    expect((await put(plane, tag, COLOUR, "NOPE")).status).toBe(422);
    const { body } = await plane.call("POST", "/v1/tokens", { name: "r", role: "reader" });
    const headers = { "if-match": tag, authorization: `Bearer ${body.secret}` };
    expect((await plane.call("PUT", `${SHOP}/variants/DEBUG`, COLOUR, headers)).status).toBe(403);
    expect((await plane.call("GET", `${SHOP}/variants`)).body).toEqual({ variants: [] });
  });

  test("taken away, the flag is on or off again; the history tells both", async () => {
    const { plane, tag } = await startShop();
    await using _plane = plane;
    const { etag } = await put(plane, tag, COLOUR);
    const path = `${SHOP}/variants/DEBUG?reason=done`;
    expect((await plane.call("DELETE", path, undefined, { "if-match": etag })).status).toBe(204);
    expect((await ask(plane, {})).body).toMatchObject({ value: true, reason: "STATIC" });
    const { body } = await plane.call("GET", `${SHOP}/history`);
    const kinds = body.history.map(({ change }: { change: { kind: string } }) => change.kind);
    expect(kinds.slice(0, 2)).toEqual(["variants.cleared", "variants.set"]);
  });
});

describe("without PREMIUM_TYPES", () => {
  test("there is no such route, and flags are on or off", async () => {
    await using plane = await Plane.start({ data: temporaryFolder() }, undefined, without);
    const tag = await makeShop(plane, encodeFile(PLAIN_FILE));
    expect((await put(plane, tag, COLOUR)).status).toBe(404);
    expect((await plane.call("GET", SHOP)).body.flags[0]).not.toHaveProperty("variants");
    const { body } = await plane.call("GET", "/openapi.json");
    expect(JSON.stringify(body)).not.toMatch(/variants|weight|fractional/);
  });

  test("data that hold variants are refused, and not given without them", async () => {
    const data = temporaryFolder();
    const { plane, tag } = await startShop(data);
    await put(plane, tag, COLOUR);
    await plane.server.stop();
    expect(Plane.start({ data }, plane.token, without)).rejects.toMatchObject({
      code: "ERR_FORMAT",
      message: expect.stringContaining("is a variants.set, which this server does not know"),
    });
  });

  test("the bundle holds nothing of them", async () => {
    const { exitCode, stdout } = await run(
      [BUN, "src/cli/config.ts", "prove", "PREMIUM_TYPES", "src/api/server.ts", ...PROOF_OPTIONS],
      { cwd: root, timeoutMs: 100_000 },
    );
    const proof = JSON.parse(stdout);
    expect({ exitCode, ...proof }).toMatchObject({ exitCode: 0, survivors: [] });
    // There is something to be left out.
    expect(proof.modules).toContain("src/api/domain/fractional.ts");
  });
});

test.each([true, false])(
  "the tests of the server pass on the bundle, PREMIUM_TYPES %p",
  async (on) => {
    const tests = ["http", "ofrep", "fuzz"].map((name) => `./tests/api/${name}_test.ts`);
    const { exitCode, stderr } = await run(
      [BUN, "test", ...(on ? ["--feature", "PREMIUM_TYPES"] : []), ...tests],
      {
        cwd: root,
        env: { ...process.env, API_SERVER_BUNDLE: on ? withTypes : without },
        timeoutMs: 280_000,
      },
    );
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr).toMatch(/[1-9]\d* pass\n\s*0 fail/);
  },
);

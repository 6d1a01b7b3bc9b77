/** Changes of values that are asked for, approved, planned and refused, on both databases. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { Postgres } from "../support/postgres.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run, type RunResult } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { DRIVERS, type Database, type Driver, startOn } from "./databases.ts";
import { buildServer } from "./server_bundle.ts";
import { type Answered, enroll, makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(100_000);
const temporaryFolder = useTemporaryFolders();
const HOUR = 60 * 60 * 1000;
const WRITER = { role: "writer", project: "shop", environment: "live" };
const FILE = {
  ...PLAIN_FILE,
  meta: { ...PLAIN_FILE.meta, project: "shop" },
  record: { ...PLAIN_FILE.record, featureFlags: 4n },
};
const VALUES = {
  type: "string",
  variants: [
    { name: "control", value: "blue" },
    { name: "treatment", value: "green" },
  ],
  off: "control",
  rollout: [{ variant: "control", weight: 1 }],
};
const GREEN = { ...VALUES, rollout: [{ variant: "treatment", weight: 1 }] };

type Headers = Readonly<{ [name: string]: string }>;

let withTypes = "";
let without = "";
beforeAll(async () => {
  withTypes = await buildServer(temporaryFolder(), ["PREMIUM_TYPES"]);
  without = await buildServer(temporaryFolder(), []);
});

function setting(values: object): object {
  return { kind: "set_variants", flag: "DEBUG", ...values };
}

/** A shop with two people, in which a change needs both. */
class Shop implements AsyncDisposable {
  readonly database: Database;
  readonly plane: Plane;
  readonly ann: Headers;
  readonly bob: Headers;

  private constructor(database: Database, ann: Headers, bob: Headers) {
    this.database = database;
    this.plane = database.plane;
    this.ann = ann;
    this.bob = bob;
  }

  static async open(
    driver: Driver,
    postgres: Postgres | undefined,
    twoPersons = true,
  ): Promise<Shop> {
    const own = { module: withTypes, postgres };
    const database = await startOn(driver, temporaryFolder(), undefined, {}, own);
    const { plane } = database;
    await makeShop(plane, encodeFile(FILE));
    const ann = await enroll(plane, "Ann", [WRITER]);
    const bob = await enroll(plane, "Bob", [WRITER]);
    const shop = new Shop(database, ann, bob);
    if (twoPersons) await shop.change({}, "PUT", "/rule", { twoPersons, reason: "it is live" });
    return shop;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    expect(this.plane.faults).toEqual([]);
    await this.database[Symbol.asyncDispose]();
  }

  /** A change of the environment as it is now. */
  async change(who: Headers, method: string, path: string, body?: unknown): Promise<Answered> {
    const { etag } = await this.plane.call("GET", SHOP);
    return this.plane.call(method, `${SHOP}${path}`, body, { ...who, "if-match": etag });
  }

  /** @returns the request's number */
  async ask(action: object, at: number | null = null): Promise<number> {
    const { status, body } = await this.change(this.ann, "POST", "/requests", {
      action,
      at,
      reason: "try it",
    });
    expect({ status, body }).toMatchObject({ status: 201 });
    return body.request;
  }

  approve(who: Headers, request: number): Promise<Answered> {
    return this.change(who, "POST", `/requests/${request}/approval`, {});
  }

  async value(): Promise<unknown> {
    const asked = { context: { targetingKey: "u" } };
    return (await this.plane.call("POST", `${SHOP}/ofrep/v1/evaluate/flags/DEBUG`, asked)).body
      .value;
  }

  async requests(): Promise<{ values: object }[]> {
    return (await this.plane.call("GET", `${SHOP}/requests`)).body.requests;
  }

  async kinds(count: number): Promise<string[]> {
    const { body } = await this.plane.call("GET", `${SHOP}/history`);
    return body.history
      .slice(0, count)
      .map(({ by, change }: { by: string; change: { kind: string } }) => `${by} ${change.kind}`);
  }
}

/** A folder with the record, and the commands in it. */
function checkout({ plane }: Shop) {
  // The command's clock is this machine's.
  plane.clock.now = Date.now();
  const folder = temporaryFolder();
  writeConfigFile(folder, FILE);
  const env = {
    IMMUCONFIG_SERVER: String(plane.server.url),
    IMMUCONFIG_TOKEN: plane.token,
    IMMUCONFIG_ENVIRONMENT: "live",
  };
  return {
    folder,
    run: (...args: string[]): Promise<RunResult> => run([BUN, CLI, ...args], { cwd: folder, env }),
  };
}

describe.each(DRIVERS)("on %s", (driver) => {
  let postgres: Postgres | undefined;
  beforeAll(async () => {
    if (driver === "postgres") postgres = await Postgres.create();
  });
  afterAll(() => postgres?.[Symbol.asyncDispose]());

  const open = (twoPersons = true): Promise<Shop> => Shop.open(driver, postgres, twoPersons);

  describe("where two persons are asked for", () => {
    test("values are asked for, seen with their difference, and approved by another", async () => {
      await using shop = await open();
      const alone = await shop.change(shop.ann, "PUT", "/variants/DEBUG", {
        ...VALUES,
        reason: "alone",
      });
      expect(alone).toMatchObject({ status: 409, body: { type: "/problems/needs-approval" } });
      const first = await shop.ask(setting(VALUES));
      expect(await shop.requests()).toMatchObject([
        {
          request: first,
          action: { kind: "set_variants", ...VALUES, against: null },
          by: "Ann",
          values: {
            stale: false,
            difference: [
              { what: "type", before: null, after: "string" },
              { what: "off", before: null, after: "control" },
              { what: "value control", before: null, after: "blue" },
              { what: "value treatment", before: null, after: "green" },
              { what: "weight control", before: null, after: 1 },
            ],
          },
        },
      ]);
      expect((await shop.approve(shop.ann, first)).status).toBe(403);
      expect(await shop.value()).toBe(true);
      expect((await shop.approve(shop.bob, first)).status).toBe(204);
      expect(await shop.value()).toBe("blue");
      expect(await shop.kinds(3)).toEqual([
        "Bob variants.set",
        "Bob request.approved",
        "Ann request.opened",
      ]);
      const plain = await shop.ask({ kind: "clear_variants", flag: "DEBUG" });
      expect((await shop.approve(shop.bob, plain)).status).toBe(204);
      expect(await shop.value()).toBe(true);
    });

    test("one that was asked for of other values is refused, says so, and can be asked for again", async () => {
      await using shop = await open();
      const blue = await shop.ask(setting(VALUES));
      const green = await shop.ask(setting(GREEN));
      expect((await shop.approve(shop.bob, blue)).status).toBe(204);
      expect(await shop.requests()).toMatchObject([
        {
          request: green,
          values: {
            stale: true,
            difference: [
              { what: "weight control", before: 1, after: null },
              { what: "weight treatment", before: null, after: 1 },
            ],
          },
        },
      ]);
      expect(await shop.approve(shop.bob, green)).toMatchObject({
        status: 412,
        body: { detail: expect.stringContaining("DEBUG have changed since this was asked for") },
      });
      expect(await shop.value()).toBe("blue");
      // What says which values it is for is held to that when it is asked, too.
      const { action } = (await shop.requests())[0] as unknown as { action: object };
      const old = { action, reason: "old" };
      expect((await shop.change(shop.ann, "POST", "/requests", old)).status).toBe(412);
      expect((await shop.change(shop.ann, "DELETE", `/requests/${green}?reason=old`)).status).toBe(
        204,
      );
      const again = await shop.ask(setting(GREEN));
      expect((await shop.approve(shop.bob, again)).status).toBe(204);
      expect(await shop.value()).toBe("green");
    });

    test("with a time it is planned; taken back or rejected, it is not done", async () => {
      await using shop = await open();
      const at = shop.plane.clock.now + HOUR;
      const later = await shop.ask(setting(VALUES), at);
      expect((await shop.approve(shop.bob, later)).status).toBe(204);
      expect((await shop.plane.call("GET", `${SHOP}/schedules`)).body.schedules).toMatchObject([
        { at, approved: true, values: { stale: false } },
      ]);
      const other = await shop.ask(setting(GREEN));
      expect((await shop.change(shop.bob, "DELETE", `/requests/${other}?reason=no`)).status).toBe(
        204,
      );
      expect((await shop.approve(shop.bob, other)).status).toBe(404);
      shop.plane.clock.now = at;
      for (let tries = 0; tries < 400 && (await shop.value()) === true; tries++)
        await Bun.sleep(25);
      expect(await shop.value()).toBe("blue");
      expect(await shop.kinds(2)).toEqual(["server variants.set", "server schedule.done"]);
    });

    const WRONG: [string, object, RegExp][] = [
      ["a value of another type", setting({ ...VALUES, type: "number" }), /is no number/],
      ["an unknown variant", setting({ ...VALUES, off: "nobody" }), /no variant nobody/],
      ["a flag of no record", { ...setting(VALUES), flag: "NOPE" }, /defines no flag NOPE/],
      ["more than is known", setting({ ...VALUES, more: 1 }), /more/],
      ["a row that is no number", setting({ ...VALUES, against: "x" }), /against/],
    ];
    test.each(WRONG)("%s is not waited for", async (_, action, message) => {
      await using shop = await open();
      for (const at of [null, shop.plane.clock.now + HOUR]) {
        const body = { action, at, reason: "r" };
        const refused = await shop.change(shop.ann, "POST", "/requests", body);
        expect([refused.status, refused.body.detail]).toEqual([
          422,
          expect.stringMatching(message),
        ]);
      }
      const plain = { action: { kind: "clear_variants", flag: "DEBUG" }, reason: "r" };
      expect((await shop.change(shop.ann, "POST", "/requests", plain)).status).toBe(404);
      expect(await shop.requests()).toEqual([]);
    });

    test("what waits is bounded in number and in size", async () => {
      await using shop = await open();
      const large = (count: number): object =>
        setting({
          ...VALUES,
          variants: Array.from({ length: count }, (__, index) => {
            return { name: index === 0 ? "control" : `v${index}`, value: "x".repeat(4000) };
          }),
        });
      for (let index = 0; index < 4; index++) await shop.ask(large(15));
      const refused = await shop.change(shop.ann, "POST", "/requests", {
        action: large(15),
        reason: "r",
      });
      expect([refused.status, refused.body.detail]).toEqual([
        422,
        expect.stringMatching(/\d+ characters long, over 262144/),
      ]);
      for (let index = 4; index < 16; index++) await shop.ask(setting(VALUES));
      const more = { action: setting(VALUES), reason: "r" };
      expect(await shop.change(shop.ann, "POST", "/requests", more)).toMatchObject({
        status: 422,
        body: { detail: expect.stringContaining("at most 16 changes of values wait") },
      });
      // A switch is none of them.
      await shop.ask({ kind: "switch", flag: "DEBUG", enabled: false });
    });
  });

  test("one person plans other values where nobody else is asked; changed meanwhile, they stay", async () => {
    await using shop = await open(false);
    const [first, second] = [shop.plane.clock.now + HOUR, shop.plane.clock.now + 2 * HOUR];
    const plan = { action: setting(VALUES), at: first, reason: "at night" };
    expect((await shop.change(shop.ann, "POST", "/schedules", plan)).status).toBe(201);
    const late = { action: setting(GREEN), at: second, reason: "later" };
    expect((await shop.change(shop.ann, "POST", "/schedules", late)).status).toBe(201);
    shop.plane.clock.now = first;
    for (let tries = 0; tries < 400 && (await shop.value()) === true; tries++) await Bun.sleep(25);
    expect(await shop.value()).toBe("blue");
    shop.plane.clock.now = second;
    const newest = async () => (await shop.plane.call("GET", `${SHOP}/history`)).body.history[0];
    for (let tries = 0; tries < 400; tries++) {
      if ((await newest()).change.schedule !== undefined) break;
      await Bun.sleep(25);
    }
    expect(await newest()).toMatchObject({
      change: { kind: "schedule.done", problem: expect.stringContaining("have changed since") },
    });
    expect(await shop.value()).toBe("blue");
  });

  test("bun-config asks for a switch where it may not switch alone", async () => {
    await using shop = await open();
    const cli = checkout(shop).run;
    const change = ["DEBUG", "off", "--reason", "pay"] as const;
    expect(await cli("override", "set", ...change)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("Ask for it with `bun-config request`"),
    });
    const asked = await cli("request", "set", ...change, "--for", "2h", "--in", "1h");
    expect(asked).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(
        /^\d+ {2}\S.* asks to switch DEBUG off until (20\S+Z), at 20\S+Z: pay\nsomebody else approves/,
      ),
    });
    const waves = ["--wave", "10%,100%", "--every", "10m", "--json"];
    const rolled = await cli("request", "set", "DEBUG", "on", "--reason", "launch", ...waves);
    expect(JSON.parse(rolled.stdout)).toMatchObject({
      action: { kind: "roll_out", flag: "DEBUG", enabled: true, until: null, everyMs: 600_000 },
      at: null,
    });
    const listed = JSON.parse((await cli("request", "--json")).stdout);
    expect(listed[0].action.until - listed[0].at).toBe(2 * HOUR);
    // The first token is nobody's: only what a person's token asks for can be approved.
    expect((await shop.approve(shop.bob, listed[1].request)).status).toBe(403);
    for (const [verb, kind] of [
      ["clear", "give_back"],
      ["resume", "resume"],
    ] as const) {
      const later = ["--reason", "back", "--in", "2h", "--json"];
      const { stdout } = await cli("request", verb, "DEBUG", ...later);
      expect(JSON.parse(stdout)).toMatchObject({ action: { kind, flag: "DEBUG" }, own: true });
    }
    for (const wrong of [
      ["set", "DEBUG"],
      ["set", "DEBUG", "maybe", "--reason", "r"],
      ["set", "DEBUG", "on", "--reason", "r", "--wave", "10%,100%"],
      ["clear", "DEBUG", "on", "--reason", "r"],
      ["plain", "DEBUG", "--reason", "r", "--for", "2h"],
    ]) {
      expect([wrong, (await cli("request", ...wrong)).exitCode]).toEqual([wrong, 2]);
    }
  });

  test("bun-config asks, shows what would change, and takes back", async () => {
    await using shop = await open();
    const { folder, run: command } = checkout(shop);
    writeFileSync(join(folder, "values.json"), JSON.stringify(VALUES));
    const cli = (...args: string[]): Promise<RunResult> => command("request", ...args);
    expect((await cli()).stdout).toContain("nothing waits");
    const asked = await cli("values", "DEBUG", "values.json", "--reason", "try blue", "--in", "1h");
    expect(asked).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('    value control: none → "blue"\n'),
    });
    const [listed, ...more] = JSON.parse((await cli("--json")).stdout);
    expect(more).toEqual([]);
    expect(listed).toMatchObject({
      action: { kind: "set_variants", flag: "DEBUG", ...VALUES, against: null },
      reason: "try blue",
      own: true,
      values: {
        stale: false,
        difference: expect.arrayContaining([
          expect.objectContaining({ what: "value control", before: null, after: "blue" }),
        ]),
      },
    });
    await shop.ask({ kind: "switch", flag: "DEBUG", enabled: false });
    expect((await cli()).stdout).toMatch(
      /^\d+ {2}first admin asks to change the values of DEBUG, at 20\d\d-.*: try blue\n[^]*\n\d+ {2}Ann asks to switch DEBUG off: try it\n$/,
    );
    expect(await cli("reject", String(listed.request), "--reason", "not now")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("will not be done"),
    });
    expect((await cli("plain", "DEBUG", "--reason", "r")).stderr).toContain("has no variants here");
    writeFileSync(join(folder, "values.json"), "[]");
    expect((await cli("values", "DEBUG", "values.json", "--reason", "r")).stderr).toContain(
      "is no object of JSON",
    );
    for (const wrong of [
      ["values", "DEBUG"],
      ["plain"],
      ["reject", "x", "--reason", "r"],
      ["no"],
    ]) {
      expect((await cli(...wrong)).exitCode).toBe(2);
    }
    expect(JSON.parse((await cli("--json")).stdout)).toHaveLength(1);
  });

  test("a server without PREMIUM_TYPES neither takes such a request nor starts on one", async () => {
    await using shop = await open();
    await shop.ask(setting(VALUES));
    await shop.plane[Symbol.asyncDispose]();
    const again = Plane.start(shop.database.place, shop.plane.token, without);
    expect(again).rejects.toMatchObject({
      code: "ERR_FORMAT",
      message: expect.stringContaining(
        "is a request.opened to set_variants, which this server does",
      ),
    });
    await using plain = await Plane.start({ data: temporaryFolder() }, undefined, without);
    const tag = await makeShop(plain, encodeFile(FILE));
    const body = { action: setting(VALUES), reason: "r" };
    const refused = await plain.call("POST", `${SHOP}/requests`, body, { "if-match": tag });
    expect(refused.status).toBe(422);
  });
});

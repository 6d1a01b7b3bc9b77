/** Rollouts in waves: who may begin, halt and resume them, when they go on. */

import {
  afterAll,
  afterEach,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { isObject } from "../../src/base/json.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { freePort } from "../support/free_port.ts";
import { findPostgres, Postgres } from "../support/postgres.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { type Answered, enroll, makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const MINUTE = 60_000;
const FILE = encodeFile({
  ...PLAIN_FILE,
  flags: [
    { bit: 2, name: "DEBUG" },
    { bit: 3, name: "CART" },
  ],
});
const WAVES = { shares: [100, 1000, 10_000], everyMs: 10 * MINUTE };
const ON = { enabled: true, reason: "the launch" };

/** What the health address does. */
let answer: () => Response = () => new Response("well");
let asked: string[] = [];
const health = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request) {
    asked.push(new URL(request.url).pathname);
    return answer();
  },
});
const haltIf = new URL("/health", health.url).href;
const healthOrigins = [health.url.origin];
afterAll(() => health.stop(true));

interface Row {
  readonly by: string;
  readonly change: { readonly kind: string; readonly share?: number; readonly reason?: string };
}

type Headers = Readonly<{ [name: string]: string }>;

async function change(
  plane: Plane,
  method: string,
  path: string,
  body?: unknown,
  who: Headers = {},
): Promise<Answered> {
  const { etag } = await plane.call("GET", SHOP);
  return plane.call(method, `${SHOP}${path}`, body, { ...who, "if-match": etag });
}

function start(plane: Plane, rollout: object, flag = "DEBUG"): Promise<Answered> {
  return change(plane, "PUT", `/overrides/${flag}`, { ...ON, rollout });
}

async function history(plane: Plane): Promise<Row[]> {
  return (await plane.call("GET", `${SHOP}/history`)).body.history;
}

/** The rollout of DEBUG, once it is as it should be. */
async function reached(plane: Plane, wanted: object): Promise<void> {
  let seen: unknown;
  for (let tries = 0; tries < 400; tries++) {
    const { body } = await plane.call("GET", `${SHOP}/overrides`);
    seen = body.overrides.find(({ flag }: { flag: string }) => flag === "DEBUG")?.rollout;
    if (isObject(seen) && Bun.deepMatch(wanted, seen)) return;
    await Bun.sleep(10);
  }
  expect(seen).toMatchObject(wanted);
}

/** What the signed set says of DEBUG. */
async function signed(plane: Plane): Promise<unknown> {
  const { body } = await plane.call("GET", `${SHOP}/set`);
  const payload = JSON.parse(Buffer.from(body.split(".")[1], "base64url").toString());
  return payload.overrides.find(({ flag }: { flag: string }) => flag === "DEBUG");
}

async function debug(plane: Plane): Promise<{ enabled: boolean }> {
  const { body } = await plane.call("GET", SHOP);
  return body.flags.find(({ name }: { name: string }) => name === "DEBUG");
}

describe("a rollout", () => {
  let data: string;
  let plane: Plane;

  const startAgain = (now?: number): Promise<Plane> =>
    Plane.start({ data, healthOrigins }, plane.token, undefined, now);

  beforeEach(async () => {
    answer = () => new Response("well");
    asked = [];
    data = temporaryFolder();
    plane = await Plane.start({ data, healthOrigins });
    await makeShop(plane, FILE);
  });

  afterEach(async () => {
    expect(plane.faults).toEqual([]);
    await plane[Symbol.asyncDispose]();
  });

  test("each wave is a set of its own, and who names no host has the flag with the last", async () => {
    const begun = await start(plane, { ...WAVES, haltIf });
    expect(begun).toMatchObject({ status: 200, body: { rollout: { step: 0, halted: null } } });
    const { salt } = begun.body.rollout;
    const wave = (share: number) => ({ wave: { salt, share, rest: null } });
    const plain = { flag: "DEBUG", enabled: true, until: null };
    expect(await signed(plane)).toEqual({ ...plain, ...wave(100) });
    expect(await debug(plane)).toMatchObject({ enabled: false });
    const path = `${SHOP}/ofrep/v1/evaluate/flags/DEBUG`;
    expect((await plane.call("POST", path, {})).body).toMatchObject({
      value: false,
      metadata: { source: "record" },
    });
    // Nothing comes before its time, and nobody is asked.
    plane.clock.now += 10 * MINUTE - 1;
    await Bun.sleep(1200);
    expect([asked, await signed(plane)]).toEqual([[], { ...plain, ...wave(100) }]);
    plane.clock.now += 1;
    await reached(plane, { step: 1 });
    expect([asked, await signed(plane)]).toEqual([["/health"], { ...plain, ...wave(1000) }]);
    plane.clock.now += 10 * MINUTE;
    await reached(plane, { step: 2 });
    // For all hosts it is as a set was before there were waves.
    expect(await signed(plane)).toEqual(plain);
    expect(await debug(plane)).toMatchObject({ enabled: true });
    plane.clock.now += 60 * MINUTE;
    await Bun.sleep(1200);
    expect(asked).toHaveLength(2);
    expect((await history(plane)).slice(0, 3)).toMatchObject([
      { by: "server", change: { kind: "rollout.advanced", flag: "DEBUG", share: 10_000 } },
      { by: "server", change: { kind: "rollout.advanced", share: 1000 } },
      { by: "first admin", change: { kind: "rollout.started", rest: null, reason: "the launch" } },
    ]);
  });

  test("a server that was away for long brings one wave, and the next after a whole pause", async () => {
    await start(plane, WAVES);
    const late = plane.clock.now + 100 * MINUTE;
    await plane[Symbol.asyncDispose]();
    plane = await startAgain(late);
    await reached(plane, { step: 1, since: late });
    await Bun.sleep(1200);
    await reached(plane, { step: 1 });
    plane.clock.now += 10 * MINUTE;
    await reached(plane, { step: 2 });
  });

  test("a health address that is not well halts it where it is, until somebody resumes it", async () => {
    await start(plane, { ...WAVES, haltIf: `${haltIf}?key=hidden` });
    const cases: [() => Response, string][] = [
      [() => new Response("", { status: 500 }), `${haltIf} answered 500`],
      // Its destination answers 200, and is not asked.
      [() => Response.redirect("/elsewhere", 302), `${haltIf} answered 302`],
    ];
    for (const [fails, reason] of cases) {
      answer = fails;
      plane.clock.now += 10 * MINUTE;
      await reached(plane, { step: 0, halted: { reason, actor: "server" } });
      answer = () => new Response("well");
      plane.clock.now += 60 * MINUTE;
      await Bun.sleep(1200);
      await reached(plane, { step: 0 });
      expect((await change(plane, "DELETE", "/overrides/DEBUG/halt?reason=mended")).status).toBe(
        200,
      );
      await reached(plane, { step: 0, halted: null });
    }
    expect(asked).toEqual(["/health", "/health"]);
    plane.clock.now += 10 * MINUTE;
    await reached(plane, { step: 1, halted: null });
    // One command takes it back from every host.
    expect((await change(plane, "DELETE", "/overrides/DEBUG?reason=back")).status).toBe(204);
    expect(await signed(plane)).toBeUndefined();
    plane.clock.now += 60 * MINUTE;
    await Bun.sleep(1200);
    expect(await signed(plane)).toBeUndefined();
  });

  test("what does not answer halts, too; the halt is kept over a restart", async () => {
    const origin = `http://127.0.0.1:${freePort()}`;
    const url = `${origin}/health`;
    await plane[Symbol.asyncDispose]();
    healthOrigins.push(origin);
    plane = await startAgain();
    await start(plane, { ...WAVES, haltIf: url });
    plane.clock.now += 10 * MINUTE;
    const halted = { reason: expect.stringContaining(`${url} does not answer`) };
    for (let tries = 0; (await history(plane))[0]?.change.kind !== "rollout.halted"; tries++) {
      if (tries > 400) throw new Error("it was not halted");
      await Bun.sleep(10);
    }
    const { now } = plane.clock;
    await plane[Symbol.asyncDispose]();
    // A server that is started without the origin asks nobody, and does not go on either.
    healthOrigins.pop();
    plane = await startAgain(now + 100 * MINUTE);
    await Bun.sleep(1200);
    const { body } = await plane.call("GET", `${SHOP}/overrides`);
    expect(body.overrides[0].rollout).toMatchObject({ step: 0, halted });
    await change(plane, "DELETE", "/overrides/DEBUG/halt?reason=again");
    plane.clock.now += 10 * MINUTE;
    for (let tries = 0; (await history(plane))[0]?.change.kind !== "rollout.halted"; tries++) {
      if (tries > 400) throw new Error("it was not halted");
      await Bun.sleep(10);
    }
    expect((await history(plane))[0]?.change.reason).toContain("does not ask http://127.0.0.1:");
  });

  test("an address that whoever started the server did not let it ask is refused", async () => {
    const metadata = "http://169.254.169.254/latest/meta-data/";
    const inside = `http://127.0.0.1:${health.port === 80 ? 81 : 80}/`;
    const disguised = haltIf.replace("http://", "http://somebody:else@");
    for (const url of [metadata, inside, disguised, "file:///etc/passwd", "health", ""]) {
      expect([url, (await start(plane, { ...WAVES, haltIf: url })).status]).toEqual([url, 422]);
      const action = { kind: "roll_out", flag: "DEBUG", enabled: true, ...WAVES, haltIf: url };
      const at = plane.clock.now + MINUTE;
      for (const [path, body] of [
        ["/requests", { action, reason: "r" }],
        ["/schedules", { action, at, reason: "r" }],
      ] as const) {
        expect([url, (await change(plane, "POST", path, body)).status]).toEqual([url, 422]);
      }
    }
    expect(asked).toEqual([]);
  });

  test("waves that cannot be, and what is not under way, are refused in words", async () => {
    const shares: unknown[] = [
      [],
      [0],
      [10_001],
      [100, 100],
      [1000, 100],
      [1.5],
      Array.from({ length: 21 }, (_, i) => i + 1),
    ];
    for (const one of shares) {
      const { status } = await start(plane, { ...WAVES, shares: one });
      expect([one, status]).toEqual([one, 422]);
    }
    expect((await start(plane, { ...WAVES, everyMs: 999 })).status).toBe(422);
    expect((await start(plane, { ...WAVES, more: 1 })).status).toBe(422);
    expect((await start(plane, WAVES, "NOWHERE")).status).toBe(422);
    expect((await change(plane, "PUT", "/overrides/DEBUG/halt", { reason: "r" })).status).toBe(404);
    expect((await start(plane, WAVES)).status).toBe(200);
    expect((await start(plane, WAVES)).body.detail).toContain("is under way");
    expect((await change(plane, "DELETE", "/overrides/DEBUG/halt?reason=r")).body.detail).toContain(
      "is not halted",
    );
    expect((await change(plane, "PUT", "/overrides/DEBUG/halt", { reason: "wait" })).status).toBe(
      200,
    );
    expect((await change(plane, "PUT", "/overrides/DEBUG/halt", { reason: "wait" })).status).toBe(
      422,
    );
    await reached(plane, { halted: { reason: "wait" } });
  });

  test("hosts that are not reached keep what was switched before", async () => {
    const on = { enabled: true, reason: "always" };
    await change(plane, "PUT", "/overrides/DEBUG", on);
    expect((await start(plane, WAVES)).body.detail).toContain("is switched on already");
    const off = { enabled: false, reason: "off, step by step" };
    const begun = await change(plane, "PUT", "/overrides/DEBUG", { ...off, rollout: WAVES });
    expect(begun.body.rollout).toMatchObject({ rest: true });
    expect(await signed(plane)).toMatchObject({ enabled: false, wave: { share: 100, rest: true } });
    expect(await debug(plane)).toMatchObject({ enabled: true });
    // A switch of all hosts takes its place.
    await change(plane, "PUT", "/overrides/DEBUG", on);
    expect(await signed(plane)).toEqual({ flag: "DEBUG", enabled: true, until: null });
    const until = plane.clock.now + MINUTE;
    await change(plane, "PUT", "/overrides/DEBUG", { ...on, until });
    const ends = await change(plane, "PUT", "/overrides/DEBUG", { ...off, rollout: WAVES });
    expect(ends.body.detail).toContain("ends by itself");
  });

  test("a record that does not let it stand clears it, whichever state it forbids", async () => {
    await change(plane, "PUT", "/overrides/CART", { enabled: true, reason: "always" });
    const off = { enabled: false, reason: "off, step by step", rollout: WAVES };
    expect((await change(plane, "PUT", "/overrides/CART", off)).status).toBe(200);
    await start(plane, WAVES);
    const meta = { ...PLAIN_FILE.meta, flags: { CART: { live: "off" as const } } };
    const flags = [
      { bit: 2, name: "DEBUG" },
      { bit: 3, name: "CART" },
    ];
    await change(
      plane,
      "PUT",
      "/record",
      encodeFile({ ...PLAIN_FILE, generation: 2, flags, meta }),
    );
    const { body } = await plane.call("GET", `${SHOP}/overrides`);
    expect(body.overrides.map(({ flag }: { flag: string }) => flag)).toEqual(["DEBUG"]);
  });

  test("a freeze halts it, but lets it be halted; it goes on when it is resumed", async () => {
    await start(plane, WAVES);
    expect((await change(plane, "PUT", "/freeze", { reason: "an audit" })).status).toBe(204);
    expect((await start(plane, WAVES, "CART")).status).toBe(423);
    plane.clock.now += 10 * MINUTE;
    await reached(plane, { step: 0, halted: { reason: "the environment is frozen (an audit)" } });
    expect((await change(plane, "DELETE", "/overrides/DEBUG/halt?reason=r")).status).toBe(423);
    await change(plane, "DELETE", "/freeze?reason=over");
    expect((await change(plane, "DELETE", "/overrides/DEBUG/halt?reason=r")).status).toBe(200);
    expect((await change(plane, "PUT", "/freeze", { reason: "again" })).status).toBe(204);
    expect((await change(plane, "PUT", "/overrides/DEBUG/halt", { reason: "r" })).status).toBe(200);
  });

  test("where two persons are asked for, another approves the start and the resumption", async () => {
    const role = { role: "writer", project: "shop", environment: "live" };
    const ann = await enroll(plane, "Ann", [role]);
    const bob = await enroll(plane, "Bob", [role]);
    const approved = async (action: object): Promise<number> => {
      const opened = await change(plane, "POST", "/requests", { action, reason: "please" }, ann);
      const path = `/requests/${opened.body.request}/approval`;
      return (await change(plane, "POST", path, {}, bob)).status;
    };
    await change(plane, "PUT", "/rule", { twoPersons: true, reason: "care" });
    expect((await start(plane, WAVES)).status).toBe(409);
    const action = { kind: "roll_out", flag: "DEBUG", enabled: true, ...WAVES, haltIf };
    expect(await approved(action)).toBe(204);
    plane.clock.now += 10 * MINUTE;
    await reached(plane, { step: 1 });
    expect((await change(plane, "PUT", "/overrides/DEBUG/halt", { reason: "r" }, ann)).status).toBe(
      200,
    );
    expect(
      (await change(plane, "DELETE", "/overrides/DEBUG/halt?reason=r", undefined, ann)).status,
    ).toBe(409);
    expect(await approved({ kind: "resume", flag: "DEBUG" })).toBe(204);
    await reached(plane, { step: 1, halted: null });
  });

  test("a rollout can be planned, and begins at its time", async () => {
    const at = plane.clock.now + MINUTE;
    const action = { kind: "roll_out", flag: "DEBUG", enabled: true, ...WAVES };
    expect((await change(plane, "POST", "/schedules", { action, at, reason: "r" })).status).toBe(
      201,
    );
    plane.clock.now = at;
    await reached(plane, { step: 0 });
    plane.clock.now += 10 * MINUTE;
    await reached(plane, { step: 1 });
  });
});

test.skipIf(findPostgres() === undefined)(
  "of two servers on one database, one brings the wave",
  async () => {
    await using postgres = await Postgres.create();
    const database = { data: temporaryFolder(), databaseUrl: postgres.url };
    await using plane = await Plane.start(database);
    await makeShop(plane, FILE);
    await start(plane, WAVES);
    const data = temporaryFolder();
    // They sign with one key.
    copyFileSync(join(database.data, "online.key"), join(data, "online.key"));
    await using other = await Plane.start({ ...database, data }, plane.token);
    for (const step of [1, 2]) {
      other.clock.now += 10 * MINUTE;
      plane.clock.now += 10 * MINUTE;
      await reached(plane, { step });
      await reached(other, { step });
    }
    await Bun.sleep(1200);
    const advanced = (await history(plane)).filter(
      ({ change: { kind } }) => kind === "rollout.advanced",
    );
    expect(advanced.map(({ change: { share } }) => share)).toEqual([10_000, 1000]);
    expect([...plane.faults, ...other.faults]).toEqual([]);
  },
);

test("a server is not started with what is no origin of a health address", async () => {
  for (const origin of ["127.0.0.1", "https://health.example.test/path", "file:///"]) {
    const started = Plane.start({ data: temporaryFolder(), healthOrigins: [origin] });
    expect(await started.catch((error: unknown) => error)).toBeInstanceOf(ImmuconfigError);
  }
});

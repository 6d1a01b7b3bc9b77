/** Schedules, the rule of two persons and freezes, on both databases. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { DRIVERS, type Database, startOn } from "./databases.ts";
import { type Answered, enroll, makeShop, type Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const HOUR = 60 * 60 * 1000;
const FILE = encodeFile({
  ...PLAIN_FILE,
  flags: [
    { bit: 2, name: "DEBUG" },
    { bit: 3, name: "CART" },
  ],
});
const WRITER = { role: "writer", project: "shop", environment: "live" };
const ADMIN = { ...WRITER, role: "admin" };

function turn(flag: string, enabled: boolean, until: number | null = null): object {
  return { kind: "switch", flag, enabled, until };
}

type Headers = Readonly<{ [name: string]: string }>;

describe.each(DRIVERS)("on %s", (driver) => {
  let database: Database;
  let plane: Plane;
  let ann: Headers;
  let bob: Headers;
  let root: Headers;

  beforeAll(async () => {
    database = await startOn(driver, temporaryFolder());
    ({ plane } = database);
    await makeShop(plane, FILE);
    ann = await enroll(plane, "Ann", [WRITER]);
    bob = await enroll(plane, "Bob", [WRITER]);
    root = await enroll(plane, "Root", [ADMIN]);
  }, 90_000);

  afterAll(async () => {
    expect(plane.faults).toEqual([]);
    await database[Symbol.asyncDispose]();
  }, 30_000);

  /** A change of the environment as it is now. */
  async function change(
    who: Headers,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answered> {
    const { etag } = await plane.call("GET", SHOP);
    return plane.call(method, `${SHOP}${path}`, body, { ...who, "if-match": etag });
  }

  async function flag(name: string): Promise<{ enabled: boolean }> {
    const { body } = await plane.call("GET", SHOP);
    return body.flags.find((one: { name: string }) => one.name === name);
  }

  async function history(): Promise<{ by: string; change: { kind: string } }[]> {
    return (await plane.call("GET", `${SHOP}/history`)).body.history;
  }

  /** Waits until the newest row is of a kind. */
  async function newest(kind: string): Promise<object> {
    for (let tries = 0; tries < 400; tries++) {
      const [row] = await history();
      if (row?.change.kind === kind) return row;
      await Bun.sleep(25);
    }
    throw new Error(`no ${kind} came: ${JSON.stringify((await history())[0])}`);
  }

  test("an override's end is an event at its time, and changes the tag of OFREP's answer", async () => {
    const until = plane.clock.now + HOUR;
    const wish = { enabled: true, until, reason: "for an hour" };
    const set = await change(ann, "PUT", "/overrides/DEBUG", wish);
    expect(set.status).toBe(200);
    const stop = new AbortController();
    const stream = await fetch(new URL(`${SHOP}/events`, plane.server.url), {
      headers: { authorization: `Bearer ${plane.token}` },
      signal: stop.signal,
    });
    const reader = stream.body?.getReader();
    const next = async () => new TextDecoder().decode((await reader?.read())?.value);
    expect(await next()).toContain(`id: ${set.etag.slice(1, -1)}\n`);
    const bulk = () => plane.call("POST", `${SHOP}/ofrep/v1/evaluate/flags`, {});
    const before = (await bulk()).etag;
    plane.clock.now = until;
    const event = await next();
    expect(event).toContain("refetchEvaluation");
    expect(event).not.toContain(`id: ${set.etag.slice(1, -1)}\n`);
    stop.abort();
    expect((await bulk()).etag).not.toBe(before);
    expect(await flag("DEBUG")).toMatchObject({ enabled: false, override: null });
    expect(await newest("override.ended")).toMatchObject({
      by: "server",
      change: { flag: "DEBUG" },
    });
  });

  test("a schedule is done at its time, and one that cannot be says why", async () => {
    const at = plane.clock.now + HOUR;
    const action = turn("DEBUG", true, at + HOUR);
    const made = await change(ann, "POST", "/schedules", { action, at, reason: "the launch" });
    expect(made).toMatchObject({ status: 201 });
    const back = { action: { kind: "give_back", flag: "DEBUG" }, at: at + 1, reason: "too long" };
    const { body } = await change(ann, "POST", "/schedules", back);
    const never = { action: turn("CART", true), at: at + 2, reason: "never" };
    const dropped = (await change(ann, "POST", "/schedules", never)).body.schedule;
    expect((await change(bob, "DELETE", `/schedules/${dropped}?reason=no`)).status).toBe(204);
    expect((await change(bob, "DELETE", `/schedules/${dropped}?reason=no`)).status).toBe(404);
    expect((await plane.call("GET", `${SHOP}/schedules`)).body.schedules).toMatchObject([
      { schedule: made.body.schedule, action, at, by: "Ann", reason: "the launch" },
      { schedule: body.schedule },
    ]);
    plane.clock.now = at;
    expect(await newest("override.set")).toMatchObject({ by: "server" });
    expect(await flag("DEBUG")).toMatchObject({
      enabled: true,
      override: { reason: "the launch" },
    });
    plane.clock.now = at + 2;
    await newest("override.cleared");
    expect(await flag("DEBUG")).toMatchObject({ enabled: false });
    const late = { action: { kind: "give_back", flag: "DEBUG" }, at: at + HOUR, reason: "again" };
    await change(ann, "POST", "/schedules", late);
    plane.clock.now = at + HOUR;
    expect(await newest("schedule.done")).toMatchObject({
      change: { problem: expect.stringContaining("has no override") },
    });
    expect((await plane.call("GET", `${SHOP}/schedules`)).body.schedules).toEqual([]);
  });

  async function planStatus(body: unknown): Promise<number> {
    return (await change(ann, "POST", "/schedules", body)).status;
  }

  test("what no clock or record lets be planned is refused", async () => {
    const now = plane.clock.now;
    const reason = "r";
    expect(await planStatus({ action: turn("DEBUG", true), at: now, reason })).toBe(422);
    expect(await planStatus({ action: turn("DEBUG", true), at: now + 9000 * HOUR, reason })).toBe(
      422,
    );
    expect(await planStatus({ action: turn("NOPE", true), at: now + HOUR, reason })).toBe(422);
    expect(await planStatus({ action: turn("DEBUG", true, now + 1), at: now + HOUR, reason })).toBe(
      422,
    );
    expect(await planStatus({ action: { kind: "end_two_persons" }, at: now + HOUR, reason })).toBe(
      422,
    );
    expect(await planStatus({ action: turn("DEBUG", true), at: now + HOUR })).toBe(422);
  });

  test("where two persons are asked for, nobody changes a flag alone", async () => {
    const rule = { twoPersons: true, reason: "it is live" };
    expect((await change(ann, "PUT", "/rule", rule)).status).toBe(403);
    expect((await change(root, "PUT", "/rule", rule)).status).toBe(200);
    const wish = { enabled: true, reason: "alone" };
    for (const who of [ann, root]) {
      const refused = await change(who, "PUT", "/overrides/DEBUG", wish);
      expect(refused).toMatchObject({ status: 409, body: { type: "/problems/needs-approval" } });
    }
    const at = plane.clock.now + HOUR;
    const plan = { action: turn("DEBUG", true), at, reason: "alone" };
    expect((await change(ann, "POST", "/schedules", plan)).status).toBe(409);
    const ask = { action: turn("DEBUG", true), reason: "together" };
    const { body } = await change(ann, "POST", "/requests", ask);
    const approve = (who: Headers, id: number) =>
      change(who, "POST", `/requests/${id}/approval`, {});
    expect((await approve(ann, body.request)).status).toBe(403);
    // A token is nobody, whoever holds it.
    expect((await approve({}, body.request)).status).toBe(403);
    expect((await flag("DEBUG")).enabled).toBe(false);
    expect((await approve(bob, body.request)).status).toBe(204);
    expect((await flag("DEBUG")).enabled).toBe(true);
    expect((await approve(bob, body.request)).status).toBe(404);
    const kinds = (await history()).slice(0, 3).map(({ by, change: { kind } }) => [by, kind]);
    expect(kinds).toEqual([
      ["Bob", "override.set"],
      ["Bob", "request.approved"],
      ["Ann", "request.opened"],
    ]);
  });

  test("nor through a token of their own, nor by a stale approval, nor once it is rejected", async () => {
    const boss = await enroll(plane, "Boss", [{ role: "admin", project: null, environment: null }]);
    // The first token has ended with it: the tests go on with another.
    const { body: made } = await plane.call(
      "POST",
      "/v1/tokens",
      { name: "bot", role: "admin" },
      boss,
    );
    Object.assign(plane, { token: made.secret });
    const bot = { authorization: `Bearer ${made.secret}` };
    const { body: second } = await plane.call(
      "POST",
      "/v1/tokens",
      { name: "bot 2", role: "writer" },
      bot,
    );
    const ask = { action: turn("CART", true), reason: "by a bot" };
    const as = { authorization: `Bearer ${second.secret}` };
    const { body } = await change(as, "POST", "/requests", ask);
    const path = `/requests/${body.request}/approval`;
    expect(await change(boss, "POST", path, {})).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining("cannot approve it") },
    });
    const stale = { ...bob, "if-match": '"1"' };
    expect((await plane.call("POST", `${SHOP}${path}`, {}, stale)).status).toBe(412);
    expect((await change(bob, "DELETE", `/requests/${body.request}?reason=no`)).status).toBe(204);
    expect((await change(bob, "POST", path, {})).status).toBe(404);
    expect((await flag("CART")).enabled).toBe(false);
  });

  test("a request for later is planned when it is approved", async () => {
    const at = plane.clock.now + HOUR;
    const { body } = await change(ann, "POST", "/requests", {
      action: turn("CART", true),
      at,
      reason: "later",
    });
    const { body: seen } = await plane.call("GET", `${SHOP}/requests`, undefined, ann);
    expect(seen.requests).toMatchObject([{ request: body.request, own: true, by: "Ann" }]);
    expect((await change(bob, "POST", `/requests/${body.request}/approval`, {})).status).toBe(204);
    expect((await plane.call("GET", SHOP)).body).toMatchObject({
      requests: [],
      schedules: [{ at }],
    });
    plane.clock.now = at;
    await newest("override.set");
    expect((await flag("CART")).enabled).toBe(true);
  });

  test("the rule of two persons is lifted by two, one of them an administrator", async () => {
    const lift = { twoPersons: false, reason: "quiet" };
    expect((await change(root, "PUT", "/rule", lift)).status).toBe(409);
    const ask = { action: { kind: "end_two_persons" }, reason: "quiet" };
    const { body } = await change(ann, "POST", "/requests", ask);
    expect((await change(bob, "POST", `/requests/${body.request}/approval`, {})).status).toBe(403);
    expect((await change(root, "POST", `/requests/${body.request}/approval`, {})).status).toBe(204);
    const wish = { enabled: false, reason: "alone" };
    expect((await change(ann, "PUT", "/overrides/CART", wish)).status).toBe(200);
  });

  test("what one person planned is not done once two are asked for; what two wanted is", async () => {
    const [first, second] = [plane.clock.now + HOUR, plane.clock.now + 2 * HOUR];
    const plan = { action: turn("CART", true), at: first, reason: "alone" };
    await change(ann, "POST", "/schedules", plan);
    await change(root, "PUT", "/rule", { twoPersons: true, reason: "it is live" });
    const wish = { action: turn("CART", true), at: second, reason: "together" };
    const { body } = await change(ann, "POST", "/requests", wish);
    await change(bob, "POST", `/requests/${body.request}/approval`, {});
    expect((await plane.call("GET", `${SHOP}/schedules`)).body.schedules).toMatchObject([
      { reason: "alone", approved: false },
      { reason: "together", approved: true },
    ]);
    plane.clock.now = first;
    expect(await newest("schedule.done")).toMatchObject({
      change: { problem: expect.stringContaining("needs somebody who approves it") },
    });
    expect((await flag("CART")).enabled).toBe(false);
    plane.clock.now = second;
    expect(await newest("override.set")).toMatchObject({ change: { reason: "together" } });
    expect((await flag("CART")).enabled).toBe(true);
    const lift = { action: { kind: "end_two_persons" }, reason: "quiet" };
    const { body: asked } = await change(ann, "POST", "/requests", lift);
    await change(root, "POST", `/requests/${asked.request}/approval`, {});
    await change(ann, "DELETE", "/overrides/CART?reason=done");
  });

  test("frozen, an administrator switches off, with a reason, and nobody does anything else", async () => {
    const at = plane.clock.now + HOUR;
    await change(ann, "POST", "/schedules", { action: turn("CART", true), at, reason: "planned" });
    const { body: asked } = await change(ann, "POST", "/requests", {
      action: turn("CART", true),
      reason: "asked",
    });
    const because = { reason: "Black Friday" };
    expect((await change(ann, "PUT", "/freeze", because)).status).toBe(403);
    expect((await change(root, "PUT", "/freeze", because)).status).toBe(204);
    expect((await plane.call("GET", SHOP)).body.frozen).toMatchObject({ by: "Root", ...because });
    const on = { enabled: true, reason: "r" };
    const next = encodeFile({ ...PLAIN_FILE, generation: 99 });
    const refused = [
      await change(root, "PUT", "/overrides/CART", on),
      await change(ann, "PUT", "/overrides/DEBUG", { ...on, enabled: false }),
      await change(root, "DELETE", "/overrides/DEBUG?reason=r"),
      await change(root, "PUT", "/record", next),
      await change(root, "PUT", "/freeze", because),
      await change(root, "PUT", "/rule", { twoPersons: true, reason: "r" }),
      await change(root, "POST", "/schedules", {
        action: turn("CART", false),
        at: at + 1,
        reason: "r",
      }),
      await change(ann, "POST", "/requests", { action: turn("CART", false), reason: "r" }),
      await change(bob, "POST", `/requests/${asked.request}/approval`, {}),
    ];
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 423));
    expect((await change(root, "PUT", "/overrides/DEBUG", { enabled: false })).status).toBe(422);
    const off = { enabled: false, reason: "it burns" };
    expect((await change(root, "PUT", "/overrides/DEBUG", off)).status).toBe(200);
    expect((await flag("DEBUG")).enabled).toBe(false);
    plane.clock.now = at;
    expect(await newest("schedule.done")).toMatchObject({
      change: { problem: expect.stringContaining("Black Friday") },
    });
    expect((await change(root, "DELETE", "/freeze?reason=over")).status).toBe(204);
    expect((await change(root, "DELETE", "/freeze?reason=over")).status).toBe(404);
    expect((await change(bob, "POST", `/requests/${asked.request}/approval`, {})).status).toBe(204);
  });
});

test("what came due while no server ran is done when one starts", async () => {
  const data = temporaryFolder();
  const first = await startOn("sqlite", data);
  const etag = await makeShop(first.plane, FILE);
  const { now } = first.plane.clock;
  const action = turn("DEBUG", true, now + 3 * HOUR);
  const plan = { action, at: now + HOUR, reason: "at night" };
  await first.plane.call("POST", `${SHOP}/schedules`, plan, { "if-match": etag });
  const { token } = first.plane;
  await first[Symbol.asyncDispose]();
  await using again = await startOn("sqlite", data, { token, now: now + 2 * HOUR });
  const enabled = async () => (await again.plane.call("GET", SHOP)).body.flags[0].enabled;
  for (let tries = 0; tries < 400 && !(await enabled()); tries++) await Bun.sleep(25);
  expect(await enabled()).toBe(true);
});

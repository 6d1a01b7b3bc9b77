/** A change as one message to each host: the signed set in the event itself. */

import { expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { nextRow } from "../../src/api/domain/audit_chain.ts";
import { applyRow } from "../../src/api/domain/fold.ts";
import { EMPTY_STATE, type State } from "../../src/api/domain/state.ts";
import { EventHub } from "../../src/api/events/hub.ts";
import { SetEvents, setTopic } from "../../src/api/events/set_events.ts";
import { createLog } from "../../src/api/log.ts";
import { OverrideSets } from "../../src/api/override_sets.ts";
import { newPrivateKey, signerOf } from "../../src/trust/keys/private_key.ts";
import { readOverrideSet } from "../../src/trust/override_set.ts";
import { useHosts } from "../agent/host.ts";
import { type Plane, SHOP } from "../api/support.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(60_000);
const { makeHost, startPlane } = useHosts();

interface Following {
  readonly next: () => Promise<{ readonly id: string; readonly set: string }>;
  readonly ended: Promise<void>;
}

async function follow(plane: Plane, token = plane.token): Promise<Following> {
  const response = await fetch(new URL(`${SHOP}/events`, plane.server.url), {
    headers: { authorization: `Bearer ${token}`, prefer: "set" },
  });
  const ended = Promise.withResolvers<void>();
  const events: string[] = [];
  let more = Promise.withResolvers<void>();
  void (async () => {
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk);
      const whole = text.split("\n\n");
      text = whole.pop() ?? "";
      events.push(...whole.filter((event) => !event.startsWith(":")));
      more.resolve();
    }
    ended.resolve();
  })();
  const next = async (): Promise<{ id: string; set: string }> => {
    while (events.length === 0) {
      more = Promise.withResolvers();
      await more.promise;
    }
    const [, id = "", set = ""] =
      /^id: (\d+)\nevent: set\ndata: (\S+)$/.exec(events.shift() ?? "") ?? [];
    return { id, set };
  };
  return { next, ended: ended.promise };
}

test("each event is the set that a request would have got, and later ones never come before", async () => {
  const { plane, tag, key } = await startPlane();
  await using _plane = plane;
  const { next } = await follow(plane);
  expect((await next()).set).toBe((await plane.call("GET", `${SHOP}/set`)).body);
  let etag = tag;
  for (let index = 0; index < 20; index++) {
    const wish = { enabled: index % 2 === 1, reason: "to and fro" };
    ({ etag } = await plane.call("PUT", `${SHOP}/overrides/CHECKOUT`, wish, { "if-match": etag }));
  }
  const expected = { project: "shop", environment: "live", now: undefined };
  let seen = 0;
  for (let id = ""; id !== etag.slice(1, -1);) {
    const event = await next();
    ({ id } = event);
    const keys = [Buffer.from(key, "hex")];
    const { sequence } = readOverrideSet(event.set, { ...expected, keys, seen });
    expect(sequence).toBeGreaterThan(seen);
    seen = sequence;
  }
  expect(seen).toBe(22);
  expect(plane.faults).toEqual([]);
});

test("it ends when its token is revoked", async () => {
  const { plane } = await startPlane();
  await using _plane = plane;
  const reader = { name: "agents", role: "reader", project: "shop" };
  const { body } = await plane.call("POST", "/v1/tokens", reader);
  const { next, ended } = await follow(plane, body.secret);
  await next();
  await plane.call("DELETE", `/v1/tokens/${body.token}`);
  await ended;
});

test("a token that is revoked while the first set is signed opens no stream", async () => {
  const { plane } = await startPlane();
  await using _plane = plane;
  const reader = { name: "agents", role: "reader", project: "shop" };
  const { body } = await plane.call("POST", "/v1/tokens", reader);
  const asked = Promise.withResolvers<void>();
  const signed = Promise.withResolvers<void>();
  using slow = spyOn(SetEvents.prototype, "newest").mockImplementation(async () => {
    asked.resolve();
    await signed.promise;
    return "id: 1\nevent: set\ndata: x\n\n";
  });
  const opening = fetch(new URL(`${SHOP}/events`, plane.server.url), {
    headers: { authorization: `Bearer ${body.secret}`, prefer: "set" },
  });
  await asked.promise;
  await plane.call("DELETE", `/v1/tokens/${body.token}`);
  signed.resolve();
  const { status } = await opening;
  expect(slow).toHaveBeenCalledTimes(1);
  expect(status).toBe(401);
});

test("an agent has the change without asking for the set", async () => {
  const { plane, tag, key } = await startPlane();
  await using _plane = plane;
  const asked: string[] = [];
  using between = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch(request) {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      return fetch(new URL(pathname, plane.server.url), {
        method: request.method,
        headers: request.headers,
        ...(request.body === null ? {} : { body: request.body }),
      });
    },
  });
  await using host = await makeHost();
  const agent = await host.start(between.url.href, key, plane.token);
  await agent.next("applied");
  const off = { enabled: false, reason: "it fails" };
  await plane.call("PUT", `${SHOP}/overrides/CHECKOUT`, off, { "if-match": tag });
  await until(() => host.live.features["CHECKOUT"] === false);
  expect(asked).toContain(`${SHOP}/events`);
  expect(asked).not.toContain(`${SHOP}/set`);
});

const PLACE = { project: "shop", environment: "live" };

interface Gated {
  readonly told: SetEvents;
  readonly events: EventHub;
  readonly faults: unknown[];
  /** What the next signatures wait for, one each. */
  readonly waits: Promise<void>[];
  readonly state: () => State;
  /** The next row of the log. */
  readonly change: () => void;
}

/** The events of an environment without a server, by a signer that takes as long as it is told. */
function gated(): Gated {
  const signer = signerOf(newPrivateKey());
  const waits: Promise<void>[] = [];
  const sets = new OverrideSets({
    publicKey: signer.publicKey,
    async sign(message) {
      await waits.shift();
      return signer.sign(message);
    },
  });
  const events = new EventHub(Date.now);
  const faults: unknown[] = [];
  const fault = (_: string, error: unknown): void => void faults.push(error);
  const log = { ...createLog(() => undefined), fault };
  const told = new SetEvents({ events, sets, now: Date.now, log });
  let state = EMPTY_STATE;
  const change = (): void => {
    const row = nextRow(state.head, "server", { kind: "environment.created", ...PLACE }, 0);
    state = applyRow(state, row);
    told.announce(state, [row]);
  };
  return { told, events, faults, waits, state: () => state, change };
}

test("who comes while a set is signed begins with the newest", async () => {
  const { told, change, waits, state } = gated();
  const wait = Promise.withResolvers<void>();
  waits.push(wait.promise);
  change();
  const begun = told.newest(state, PLACE);
  change();
  wait.resolve();
  expect(await begun).toStartWith("id: 2\nevent: set\n");
});

test("a set whose signature took longer than that of the next one is not told after it", async () => {
  const { change, waits, events, faults } = gated();
  const first = Promise.withResolvers<void>();
  waits.push(first.promise);
  const reader = events.open(setTopic(PLACE), "begun", "token:a", null).getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await next()).toBe("begun");
  change();
  change();
  expect(await next()).toStartWith("id: 2\nevent: set\n");
  first.resolve();
  await Bun.sleep(50);
  change();
  expect(await next()).toStartWith("id: 3\nevent: set\n");
  events.close();
  expect(faults).toEqual([]);
});

/** What hosts report upwards, what the server makes of it, and what people see of that. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { FleetView } from "../../src/agent/fleet_view.ts";
import { fleetOf, SILENT_MS } from "../../src/api/fleet.ts";
import type { HostStatus } from "../../src/agent/transport.ts";
import { Hosts } from "../../src/api/hosts.ts";
import { EMPTY_STATE } from "../../src/api/domain/state.ts";
import { applyRow } from "../../src/api/domain/fold.ts";
import { nextRow } from "../../src/api/domain/audit_chain.ts";
import { useHosts } from "../agent/host.ts";
import { SHOP } from "../api/support.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";

setDefaultTimeout(60_000);
const { makeHost, startPlane } = useHosts();
const PLACE = { project: "shop", environment: "live" };
const NOW = Date.UTC(2030, 0, 1);
const STATE = applyRow(
  EMPTY_STATE,
  nextRow(EMPTY_STATE.head, "server", { kind: "environment.created", ...PLACE }, NOW - 60_000),
);

function report(host: string, more: Partial<HostStatus> = {}): HostStatus {
  const plain = { version: "0.1.0", generation: 1, sequence: 1, heldMs: null };
  return { host, ...plain, refused: [], problem: null, ...more };
}

function fleet(hosts: Hosts, now = NOW, limit = 100): FleetView {
  const environment = STATE.projects.get("shop")?.environments.get("live");
  if (environment === undefined) throw new Error("there is no environment");
  return fleetOf(environment, hosts.list(PLACE, now), limit, now);
}

describe("a fleet", () => {
  test("counts who has the last change, and lists first who needs a look", () => {
    const hosts = new Hosts();
    hosts.report(PLACE, report("gone"), NOW - SILENT_MS);
    hosts.report(PLACE, report("late", { sequence: 0, version: null }), NOW);
    hosts.report(PLACE, report("good"), NOW);
    hosts.report(PLACE, report("bad", { sequence: null, problem: "no" }), NOW);
    const { counts, hosts: listed, sequences, versions } = fleet(hosts);
    expect(counts).toEqual({ hosts: 4, current: 1, behind: 2, silent: 1, refusing: 1 });
    expect(listed.map(({ host }) => host)).toEqual(["gone", "bad", "late", "good"]);
    expect(fleet(hosts, NOW, 2).hosts).toHaveLength(2);
    expect(sequences).toContainEqual({ value: null, hosts: 1 });
    expect(versions[0]).toEqual({ value: "0.1.0", hosts: 2 });
    expect(fleet(hosts, NOW + 24 * 60 * 60 * 1000).counts.hosts).toBe(0);
  });

  test("has a curve of those that saw the change come, though they start again", () => {
    const hosts = new Hosts();
    for (let index = 0; index < 250; index++) {
      const heldMs = 60_000 - index;
      hosts.report(PLACE, report(`host-${index}`, { heldMs }), NOW);
    }
    hosts.report(PLACE, report("began with it"), NOW);
    hosts.report(PLACE, report("host-7"), NOW);
    const { curve } = fleet(hosts);
    expect(curve).toHaveLength(100);
    expect(curve.at(-1)).toEqual({ ms: 249, hosts: 250 });
    expect(curve[49]).toEqual({ ms: 124, hosts: 125 });
  });

  test("holds so many hosts and no more, the newest of each environment", () => {
    const hosts = new Hosts();
    for (let index = 0; index < 20_010; index++) hosts.report(PLACE, report(`h${index}`), NOW);
    const listed = hosts.list(PLACE, NOW).map(({ host }) => host);
    expect([listed.length, listed[0], listed.at(-1)]).toEqual([20_000, "h10", "h20009"]);
    for (let place = 0; place < 5; place++) {
      const other = { project: "shop", environment: `e${place}` };
      for (let index = 0; index < 19_000; index++) hosts.report(other, report(`h${index}`), NOW);
    }
    const last = { project: "shop", environment: "e4" };
    const all = ["live", "e0", "e1", "e2", "e3", "e4"].map(
      (environment) => hosts.list({ ...PLACE, environment }, NOW).length,
    );
    expect(all.reduce((sum, count) => sum + count)).toBe(100_000);
    expect(hosts.list(last, NOW).at(-1)?.host).toBe("h18999");
    // However many others there are: an environment that begins now is seen.
    const begun = { project: "shop", environment: "begun" };
    for (const host of ["first", "second"]) hosts.report(begun, report(host), NOW);
    expect(hosts.list(begun, NOW).map(({ host }) => host)).toEqual(["first", "second"]);
  });
});

test("agents say what they hold, since when, and what of it their record does not know", async () => {
  const { plane, tag, key } = await startPlane();
  await using _plane = plane;
  await using first = await makeHost();
  const agent = await first.start(plane.server.url.href, key, plane.token, "web-1");
  await agent.next("applied");
  const answered = await plane.call(
    "PUT",
    `${SHOP}/overrides/CHECKOUT`,
    { enabled: false, reason: "it fails" },
    { "if-match": tag },
  );
  expect(answered.status).toBe(200);
  const seen = async (): Promise<FleetView> => (await plane.call("GET", `${SHOP}/fleet`)).body;
  // Its clock stands still: what a host says is as old as its agent says.
  for (let view = await seen(); view.curve.length === 0; view = await seen()) {
    plane.clock.now = Date.now();
    await Bun.sleep(50);
  }
  const { hosts, curve, counts } = await seen();
  expect(counts).toMatchObject({ hosts: 1, current: 1, silent: 0 });
  expect(hosts[0]).toMatchObject({ host: "web-1", refused: [], version: expect.any(String) });
  expect(curve).toEqual([{ ms: expect.any(Number), hosts: 1 }]);
  const text = await run([BUN, CLI, "fleet", "status"], {
    cwd: first.folder,
    env: {
      IMMUCONFIG_SERVER: plane.server.url.href,
      IMMUCONFIG_TOKEN: plane.token,
      IMMUCONFIG_ENVIRONMENT: "live",
    },
  });
  expect(text.stdout).toContain("1 of 1 have set 3; 0 behind, 0 silent, 0 refusing");
  expect(text.stdout).toContain("web-1  set 3, generation 1");
});

test("what is no report, or too much of one, is refused, and an older agent's is taken", async () => {
  const { plane } = await startPlane();
  await using _plane = plane;
  const old = { host: "old", generation: 1, sequence: 1, problem: null };
  const post = async (body: object): Promise<number> =>
    (await plane.call("POST", `${SHOP}/hosts`, body)).status;
  expect(await post(old)).toBe(204);
  const wrong = [
    { heldMs: -1 },
    { heldMs: 0.5 },
    { version: "v".repeat(65) },
    { refused: ["no flag"] },
    { refused: Array.from({ length: 65 }, (_, index) => `F${index}`) },
    { host: "a b" },
    { more: 1 },
  ];
  for (const more of wrong) expect([more, await post({ ...old, ...more })]).toEqual([more, 422]);
  // Somebody reads them in one line.
  expect(await post({ ...old, host: "odd", version: "1\n2", problem: "a\nb\u001b[2J" })).toBe(204);
  const listed = await plane.call("GET", `${SHOP}/hosts`);
  expect(listed.body.hosts[1]).toMatchObject({ version: "1?2", problem: "a?b?[2J" });
  const { body } = await plane.call("GET", `${SHOP}/fleet?limit=2`);
  expect(body.hosts.slice(-1)).toMatchObject([
    { host: "old", version: null, refused: [], since: null },
  ]);
  for (const limit of ["1001", "-1", "x", ""]) {
    expect((await plane.call("GET", `${SHOP}/fleet?limit=${limit}`)).status).toBe(422);
  }
});

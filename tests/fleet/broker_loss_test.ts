/** What happens when a broker, a leaf's hub, or an agent is gone for a while. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@nats-io/transport-node";
import { messageOf } from "../../src/base/errors.ts";
import { stateSubject } from "../../src/fleet/subjects.ts";
import { SHOP } from "../api/support.ts";
import { Broker, hasNats, startHub, startLeaf } from "../support/nats.ts";
import { until } from "../support/until.ts";
import { Agents, Fleet } from "./agents.ts";
import type { AgentsOrder } from "./children/agents.ts";
import { keptRecord, settingsFor, ShopPlane, transportFor } from "./fleet.ts";

setDefaultTimeout(120_000);
const AGENTS = Number(process.env["IMMUCONFIG_FLEET_AGENTS"] ?? 200);

function orderFor(
  shop: ShopPlane,
  servers: readonly string[],
  domain?: string,
): Omit<AgentsOrder, "count"> {
  const settings = settingsFor(servers, { domain });
  return { settings, project: "shop", environment: "live", key: shop.key, bait: "DEBUG" };
}

describe.skipIf(!hasNats())("without a broker", () => {
  test("changes are made at once, the server says so, and publishes when one is there, be it empty", async () => {
    await using broker = await Broker.start();
    await broker.kill();
    await using shop = await ShopPlane.start(settingsFor([broker.url]));
    await shop.flip();
    expect(await shop.health()).toEqual({ connected: false, waiting: 1 });
    const metrics = await shop.plane.call("GET", "/metrics");
    expect(metrics.body).toContain("immuconfig_nats_connected 0");
    expect(metrics.body).toContain("immuconfig_nats_waiting 1");

    await broker.again();
    await shop.published();
    await using fleet = new Fleet(2, 1, orderFor(shop, [broker.url]));
    await fleet.reached(shop.sequence);

    await broker.kill();
    rmSync(join(broker.folder, "kept"), { recursive: true });
    await shop.flip();
    await broker.again();
    await fleet.reached(shop.sequence);
    await shop.published();
    await using later = new Fleet(1, 1, orderFor(shop, [broker.url]));
    await later.reached(shop.sequence);
  });

  test(`${AGENTS} agents that come back at once are served, and have the newest`, async () => {
    await using broker = await Broker.start();
    await using shop = await ShopPlane.start(settingsFor([broker.url]));
    await using fleet = new Fleet(AGENTS, 4, orderFor(shop, [broker.url]));
    await fleet.reached(shop.sequence);
    await broker.kill();
    await shop.flip();
    await broker.again();
    await fleet.reached(shop.sequence);
    const { connections } = await broker.monitor("/varz");
    expect(connections).toBeGreaterThanOrEqual(AGENTS);
    await shop.flip();
    const { deceived } = await fleet.reached(shop.sequence);
    expect(deceived).toBe(0);
  });
});

describe.skipIf(!hasNats())("behind a leaf", () => {
  const AT_LEAF = Math.min(AGENTS, 200);

  test(`${AT_LEAF} agents cost the link one message a change, and go on while the hub is gone`, async () => {
    await using hub = await startHub();
    await using leaf = await startLeaf([hub]);
    await using shop = await ShopPlane.start(settingsFor([hub.url]));
    await shop.published();
    await using fleet = new Fleet(AT_LEAF, 2, orderFor(shop, [leaf.url], "hub"));
    await fleet.reached(shop.sequence);
    // Reports go the other way.
    const received = async (): Promise<number> => (await leaf.monitor("/leafz")).leafs[0].in_msgs;
    // The first looks have all been answered, and what was published early has been so again.
    await Bun.sleep(6000);
    const before = await received();
    for (let change = 0; change < 5; change++) {
      await shop.flip();
      await fleet.reached(shop.sequence);
    }
    expect((await received()) - before).toBe(5);

    await hub.kill();
    await shop.flip();
    const gone = await fleet.state();
    expect(gone.sequences.every((sequence) => sequence === shop.sequence - 1)).toBe(true);
    await hub.again();
    // Within a minute: the next look of a host would be later.
    await fleet.reached(shop.sequence);
  });

  test("an agent that starts while the hub is gone says so, and hears as soon as it is back", async () => {
    await using hub = await startHub();
    await using leaf = await startLeaf([hub]);
    await using shop = await ShopPlane.start(settingsFor([hub.url]));
    await shop.published();
    await hub.kill();
    await using fleet = new Fleet(3, 1, orderFor(shop, [leaf.url], "hub"));
    await Bun.sleep(1500);
    await hub.again();
    await fleet.reached(shop.sequence);
  });
});

describe.skipIf(!hasNats())("an agent that is stopped", () => {
  test("holds nobody back, is let go by the broker, and catches up", async () => {
    const config = 'write_deadline: "500ms"\nmax_pending: 1048576\n';
    await using broker = await Broker.start({ config });
    await using shop = await ShopPlane.start(settingsFor([broker.url]));
    const order = orderFor(shop, [broker.url]);
    await using fleet = new Fleet(20, 2, order);
    await using sleeper = new Agents({ ...order, count: 2 });
    await fleet.reached(shop.sequence);
    await until(async () => (await sleeper.state()).sequences.every((one) => one > 0));
    sleeper.process.kill("SIGSTOP");

    const place = { org: "default", project: "shop", environment: "live" };
    const connection = await connect({ servers: broker.url });
    const slowBefore = (await broker.monitor("/varz")).slow_consumers;
    // What fills the buffers of a reader that does not read.
    await until(async () => {
      for (let i = 0; i < 20; i++) {
        connection.publish(stateSubject(place, "overrides"), "x".repeat(400_000));
      }
      await connection.flush();
      return (await broker.monitor("/varz")).slow_consumers >= slowBefore + 2;
    });
    await connection.close();
    for (let change = 0; change < 3; change++) {
      await shop.flip();
      await fleet.reached(shop.sequence);
    }
    sleeper.process.kill("SIGCONT");
    await until(async () => {
      return (await sleeper.state()).sequences.every((one) => one === shop.sequence);
    });
  });
});

describe.skipIf(!hasNats())("somebody else's messages", () => {
  test("do not stay: the server puts its own there again", async () => {
    await using broker = await Broker.start();
    await using shop = await ShopPlane.start(settingsFor([broker.url]));
    await shop.published();
    const place = { org: "default", project: "shop", environment: "live" };
    const connection = await connect({ servers: broker.url });
    connection.publish(stateSubject(place, "overrides"), "what nobody believes");
    connection.publish(stateSubject(place, "record"), "nor this");
    await connection.flush();
    const transport = transportFor([broker.url]);
    const { text } = await shop.set();
    await until(async () => (await transport.overrides()) === text);
    expect(shop.plane.faults.map(messageOf)).toEqual([
      expect.stringContaining("a set of shop/live that this server's key has not signed"),
    ]);
    const record = await shop.plane.call("GET", `${SHOP}/record`);
    expect(record.status).toBe(200);
    await until(async () => (await keptRecord(broker.url)).bytes.byteLength > 100);
    await connection.close();
  });
});

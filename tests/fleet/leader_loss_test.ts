/** Many agents on a cluster of three, whose leader is killed while changes are made and others deceive. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { stateSubject, STREAM } from "../../src/fleet/subjects.ts";
import { Cluster, hasNats } from "../support/nats.ts";
import { Fleet } from "./agents.ts";
import { settingsFor, ShopPlane } from "./fleet.ts";
import { HostilePublisher } from "./hostile_publisher.ts";

const ROUNDS = Number(process.env["IMMUCONFIG_FLEET_ROUNDS"] ?? 1);
const AGENTS = Number(process.env["IMMUCONFIG_FLEET_AGENTS"] ?? 200);
const CHANGES = 6;
/** Milliseconds between two changes. */
const PAUSE_MS = 300;
setDefaultTimeout(60_000 + ROUNDS * 60_000);

test.skipIf(!hasNats())(
  `${AGENTS} agents end at the last state, the leader killed ${ROUNDS} times, and none is deceived`,
  async () => {
    await using cluster = await Cluster.start();
    const settings = settingsFor(cluster.urls);
    await using shop = await ShopPlane.start(settings);
    const place = { org: settings.org, project: "shop", environment: "live" };
    await shop.plane.call("POST", "/v1/projects/shop/environments", { environment: "test" });
    const foreign = await shop.plane.call("GET", "/v1/projects/shop/environments/test/set");
    const older = await shop.set();
    await shop.flip();
    await using hostile = await HostilePublisher.start(
      cluster.urls,
      stateSubject(place, "overrides"),
      older.text,
      String(foreign.body),
    );
    const order = { settings, project: "shop", environment: "live", key: shop.key, bait: "DEBUG" };
    await using fleet = new Fleet(AGENTS, 4, order);
    await fleet.reached(shop.sequence);

    for (let round = 0; round < ROUNDS; round++) {
      const leader = await cluster.leaderOf(STREAM);
      for (let change = 0; change < CHANGES; change++) {
        await shop.flip();
        if (change === 2) await leader.kill();
        hostile.publish();
        await Bun.sleep(PAUSE_MS);
      }
      await leader.again();
      const { deceived, refused } = await fleet.reached(shop.sequence);
      expect(deceived).toBe(0);
      expect(refused).toBeGreaterThan(0);
    }
  },
);

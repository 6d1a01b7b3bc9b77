/** How many messages cross the link to a leaf for one change. */

import { Fleet } from "../../tests/fleet/agents.ts";
import { startHub, startLeaf } from "../../tests/support/nats.ts";
import { Plane } from "../plane/servers.ts";
import { onlineKey, sequenceOf, settingsOf, signedSet } from "./plane.ts";

/** Until what was published early has been so again. */
const SETTLE_MS = 6000;

/** @returns messages a change */
export async function messagesOverLink(agents: number, changes: number): Promise<number> {
  await using hub = await startHub();
  await using leaf = await startLeaf([hub]);
  await using plane = await Plane.start({ IMMUCONFIG_NATS: hub.url });
  const place = {
    project: "bench",
    environment: "live",
    key: await onlineKey(plane),
    bait: "FLAG_31",
  };
  await using fleet = new Fleet(agents, 2, { settings: settingsOf(leaf, "hub"), ...place });
  let sequence = sequenceOf(await signedSet(plane));
  await fleet.reached(sequence);
  await Bun.sleep(SETTLE_MS);
  const received = async (): Promise<number> => (await leaf.monitor("/leafz")).leafs[0].in_msgs;
  const before = await received();
  for (let change = 0; change < changes; change++) {
    await plane.flip("FLAG_0", change % 2 === 0);
    await fleet.reached(++sequence);
  }
  return ((await received()) - before) / changes;
}

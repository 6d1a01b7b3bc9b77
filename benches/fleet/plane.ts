/** The control plane of the benches of a fleet: what agents and floors need to know of it. */

import { type NatsSettings, natsSettings } from "../../src/fleet/nats_settings.ts";
import type { Broker } from "../../tests/support/nats.ts";
import { type Plane, PLACE } from "../plane/servers.ts";

/** Processes over which the agents, the subscribers and the checks are spread. */
export const PROCESSES = 4;

export function settingsOf(broker: Broker, domain?: string): NatsSettings {
  const settings = natsSettings({ servers: [broker.url], domain }, {});
  if (settings === undefined) throw new Error("bench: no server");
  return settings;
}

export async function onlineKey(plane: Plane): Promise<string> {
  const answer = await plane.call("GET", "/v1/online-key");
  return ((await answer.json()) as { publicKey: string }).publicKey;
}

export async function signedSet(plane: Plane): Promise<string> {
  return (await plane.call("GET", `${PLACE}/set`)).text();
}

export function sequenceOf(set: string): number {
  const payload = Buffer.from(set.split(".")[1] ?? "", "base64url").toString();
  return (JSON.parse(payload) as { seq: number }).seq;
}

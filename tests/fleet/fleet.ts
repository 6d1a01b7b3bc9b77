/** A control plane that tells brokers, of a test. */

import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import type { Transport } from "../../src/agent/transport.ts";
import { encodeFile } from "../../src/format/file.ts";
import { type NatsSettings, natsSettings, type NatsWishes } from "../../src/fleet/nats_settings.ts";
import { NatsTransport } from "../../src/fleet/nats_transport.ts";
import { STREAM, stateSubject } from "../../src/fleet/subjects.ts";
import { FILE } from "../agent/host.ts";
import { makeShop, Plane, SHOP } from "../api/support.ts";
import { newTemporaryFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

export function settingsFor(servers: readonly string[], wishes: NatsWishes = {}): NatsSettings {
  const settings = natsSettings({ servers, ...wishes }, {});
  if (settings === undefined) throw new Error("no server");
  return settings;
}

export function transportFor(servers: readonly string[]): NatsTransport {
  return new NatsTransport({
    settings: settingsFor(servers),
    project: "shop",
    environment: "live",
    onTrouble: () => undefined,
  });
}

/** The sets that a transport hands over, one after the other, for who asks for the next. */
export function setsOf(transport: Transport, signal: AbortSignal): () => Promise<string> {
  const come: string[] = [];
  let woken = Promise.withResolvers<void>();
  const following = transport.follow(signal, (text) => {
    come.push(text);
    woken.resolve();
    return Promise.resolve();
  });
  const ended = following.then(() => Promise.reject(new Error("the other end is lost")));
  ended.catch(() => undefined);
  return async () => {
    while (come.length === 0) {
      await Promise.race([woken.promise, ended]);
      woken = Promise.withResolvers();
    }
    return come.shift() as string;
  };
}

/** What the broker's stream keeps of the shop's record. */
export async function keptRecord(broker: string): Promise<{
  readonly bytes: Uint8Array;
  readonly digest: string;
  /** Of one that is too large for a message; else empty. */
  readonly path: string;
}> {
  const connection = await connect({ servers: broker });
  try {
    const { direct } = await jetstreamManager(connection);
    const place = { org: "default", project: "shop", environment: "live" };
    const subject = stateSubject(place, "record");
    const kept = await direct.getMessage(STREAM, { last_by_subj: subject });
    if (kept === null) throw new Error("no record is kept");
    const { data: bytes, header } = kept;
    return { bytes, digest: header.get("Imm-Sha256"), path: header.get("Imm-Url") };
  } finally {
    await connection.close();
  }
}

/** A plane with a shop, whose flag CHECKOUT is switched to and fro. */
export class ShopPlane implements AsyncDisposable {
  readonly plane: Plane;
  /** With which it signs, in hex. */
  readonly key: string;
  #tag: string;
  #count = 0;
  /** Of the last change. */
  sequence = 1;

  private constructor(plane: Plane, key: string, tag: string) {
    this.plane = plane;
    this.key = key;
    this.#tag = tag;
  }

  static async start(nats: NatsSettings, data = newTemporaryFolder()): Promise<ShopPlane> {
    const plane = await Plane.start({ data, nats }, undefined, undefined, Date.now());
    const tag = await makeShop(plane, encodeFile(FILE));
    const { body } = await plane.call("GET", "/v1/online-key");
    const shop = new ShopPlane(plane, body.publicKey, tag);
    shop.sequence = (await shop.set()).sequence;
    return shop;
  }

  /** What hosts get by HTTP. */
  async set(): Promise<{ readonly text: string; readonly sequence: number }> {
    const { body } = await this.plane.call("GET", `${SHOP}/set`);
    const payload = Buffer.from(String(body).split(".")[1] ?? "", "base64url").toString();
    return { text: String(body), sequence: (JSON.parse(payload) as { seq: number }).seq };
  }

  async flip(): Promise<void> {
    const wish = { enabled: this.#count++ % 2 === 1, reason: "to try" };
    const path = `${SHOP}/overrides/CHECKOUT`;
    const { status, etag } = await this.plane.call("PUT", path, wish, { "if-match": this.#tag });
    if (status !== 200) throw new Error(`a change was answered with ${status}`);
    this.#tag = etag;
    this.sequence++;
  }

  /** What lies at a path of the server. */
  async fetch(path: string): Promise<Uint8Array> {
    const { server, token } = this.plane;
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(new URL(path, server.url), { headers })).bytes();
  }

  async health(): Promise<{ connected: boolean; waiting: number }> {
    return (await this.plane.call("GET", "/v1/health")).body.nats;
  }

  /** Until the broker has all. */
  async published(): Promise<void> {
    await until(async () => {
      const { connected, waiting } = await this.health();
      return connected && waiting === 0;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.plane.clock.now = Date.now();
    await this.plane[Symbol.asyncDispose]();
  }
}

/** A control plane that tells brokers, of a test. */

import type { State, StateKind, Transport } from "../../src/agent/transport.ts";
import { encodeFile } from "../../src/format/file.ts";
import { type NatsSettings, natsSettings, type NatsWishes } from "../../src/fleet/nats_settings.ts";
import { NatsTransport, type NatsTransportOptions } from "../../src/fleet/nats_transport.ts";
import { FILE } from "../agent/host.ts";
import { makeShop, Plane, SHOP } from "../api/support.ts";
import { newTemporaryFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

export function settingsFor(servers: readonly string[], wishes: NatsWishes = {}): NatsSettings {
  const settings = natsSettings({ servers, ...wishes }, {});
  if (settings === undefined) throw new Error("no server");
  return settings;
}

export function transportFor(
  servers: readonly string[],
  plane?: NatsTransportOptions["plane"],
): NatsTransport {
  return new NatsTransport({
    settings: settingsFor(servers),
    project: "shop",
    environment: "live",
    ...(plane === undefined ? {} : { plane }),
    onTrouble: () => undefined,
  });
}

/** What a transport hands over, one after the other, for who asks for the next. */
export function statesOf(
  transport: Transport,
  kinds: readonly StateKind[],
  signal: AbortSignal,
): () => Promise<State> {
  const come: State[] = [];
  let woken = Promise.withResolvers<void>();
  const following = transport.follow(kinds, signal, (state) => {
    come.push(state);
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
    return come.shift() as State;
  };
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

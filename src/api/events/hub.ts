/**
 * Tells the clients of an environment that it has changed, by server-sent events. One buffer is
 * encoded a change and given to all; a client that does not read gets the newest one when it does,
 * not every one that it missed.
 */

import { STREAM_BEAT_MS } from "../../base/limits.ts";
import { Refusal } from "../domain/refusal.ts";

/** Streams open at once, and of them those of one caller. */
export interface StreamBounds {
  readonly all: number;
  readonly each: number;
}

const BOUNDS: StreamBounds = { all: 10_000, each: 5000 };
/** Seconds after which who found too many may ask again. */
const RETRY_S = 30;
/** Milliseconds between two looks for those whose time is over. */
const END_LOOK_MS = 1000;
/** By which either end finds that the other one is dead. */
const HEARTBEAT = new TextEncoder().encode(":\n\n");

interface Client {
  /** Who opened it, as the audit log names them. */
  readonly owner: string;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** Milliseconds since 1970; null for one that does not end by itself. */
  readonly ends: number | null;
  /** What it gets when it reads again. */
  pending: Uint8Array | undefined;
}

export class EventHub {
  readonly #topics = new Map<string, Set<Client>>();
  readonly #heartbeat = setInterval(() => this.#beat(), STREAM_BEAT_MS);
  readonly #endLook = setInterval(() => this.#endThose(), END_LOOK_MS);
  readonly #bounds: StreamBounds;
  readonly #now: () => number;
  readonly #owners = new Map<string, number>();
  #count = 0;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number, bounds = BOUNDS) {
    this.#now = now;
    this.#bounds = bounds;
  }

  /** Clients that are connected. */
  get size(): number {
    return this.#count;
  }

  /**
   * A stream of the changes of a topic, which begins with `first`.
   *
   * @param owner who asks, as the audit log names them
   * @param ends when their right to read does, milliseconds since 1970
   * @throws Refusal `unavailable` when too many are open, `too-many-requests` when too many are theirs
   */
  open(
    topic: string,
    first: string,
    owner: string,
    ends: number | null,
  ): ReadableStream<Uint8Array> {
    const { all, each } = this.#bounds;
    if (this.#count >= all) {
      throw new Refusal("unavailable", `${all} streams are open already`, RETRY_S);
    }
    if ((this.#owners.get(owner) ?? 0) >= each) {
      throw new Refusal("too-many-requests", `${each} streams of yours are open already`, RETRY_S);
    }
    let client: Client | undefined;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        client = { owner, controller, ends, pending: undefined };
        this.#add(topic, client);
        controller.enqueue(new TextEncoder().encode(first));
      },
      pull: () => {
        if (client?.pending === undefined) return;
        const { pending } = client;
        client.pending = undefined;
        client.controller.enqueue(pending);
      },
      cancel: () => {
        if (client !== undefined) this.#remove(topic, client);
      },
    });
  }

  hasClients(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /** Sends an event to every client of a topic. */
  publish(topic: string, event: string): void {
    const clients = this.#topics.get(topic);
    if (clients === undefined) return;
    const buffer = new TextEncoder().encode(event);
    for (const client of clients) send(client, buffer);
  }

  /** Ends the streams of those who may no longer read them. */
  end(isOver: (owner: string) => boolean): void {
    this.#endAll(({ owner }) => isOver(owner));
  }

  /** Ends every stream. */
  close(): void {
    clearInterval(this.#heartbeat);
    clearInterval(this.#endLook);
    for (const clients of this.#topics.values()) {
      for (const { controller } of clients) controller.close();
    }
    this.#topics.clear();
    this.#owners.clear();
    this.#count = 0;
  }

  #beat(): void {
    for (const clients of this.#topics.values()) {
      for (const client of clients) if (client.pending === undefined) send(client, HEARTBEAT);
    }
  }

  /** Who still has a right to read opens another, with what proves it now. */
  #endThose(): void {
    const now = this.#now();
    this.#endAll(({ ends }) => ends !== null && ends <= now);
  }

  #endAll(isOver: (client: Client) => boolean): void {
    for (const [topic, clients] of this.#topics) {
      for (const client of clients) {
        if (!isOver(client)) continue;
        client.controller.close();
        this.#remove(topic, client);
      }
    }
  }

  #add(topic: string, client: Client): void {
    const clients = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, clients.add(client));
    this.#owners.set(client.owner, (this.#owners.get(client.owner) ?? 0) + 1);
    this.#count++;
  }

  #remove(topic: string, client: Client): void {
    const clients = this.#topics.get(topic);
    if (clients?.delete(client) !== true) return;
    this.#count--;
    const left = (this.#owners.get(client.owner) ?? 1) - 1;
    if (left > 0) this.#owners.set(client.owner, left);
    else this.#owners.delete(client.owner);
    if (clients.size === 0) this.#topics.delete(topic);
  }
}

function send(client: Client, buffer: Uint8Array): void {
  if ((client.controller.desiredSize ?? 0) > 0) client.controller.enqueue(buffer);
  else if (buffer !== HEARTBEAT) client.pending = buffer;
}

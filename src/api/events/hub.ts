/**
 * Tells the clients of an environment that it has changed, by server-sent events. One buffer is
 * encoded a change and given to all; a client that does not read gets the newest one when it does,
 * not every one that it missed.
 */

import { Refusal } from "../domain/refusal.ts";

/** Streams open at once. */
const CLIENT_COUNT_MAX = 10_000;
/** Milliseconds between comments on a quiet stream, by which a dead client is found. */
const HEARTBEAT_MS = 30_000;
const HEARTBEAT = new TextEncoder().encode(":\n\n");

interface Client {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** What it gets when it reads again. */
  pending: Uint8Array | undefined;
}

export class EventHub {
  readonly #topics = new Map<string, Set<Client>>();
  readonly #heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
  #count = 0;

  /** Clients that are connected. */
  get size(): number {
    return this.#count;
  }

  /**
   * A stream of the changes of a topic, which begins with `first`.
   *
   * @throws Refusal `unavailable` when too many are open
   */
  open(topic: string, first: string): ReadableStream<Uint8Array> {
    if (this.#count >= CLIENT_COUNT_MAX) {
      throw new Refusal("unavailable", `${CLIENT_COUNT_MAX} streams are open already`);
    }
    let client: Client | undefined;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        client = { controller, pending: undefined };
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

  /** Sends an event to every client of a topic. */
  publish(topic: string, event: string): void {
    const clients = this.#topics.get(topic);
    if (clients === undefined) return;
    const buffer = new TextEncoder().encode(event);
    for (const client of clients) send(client, buffer);
  }

  /** Ends every stream. */
  close(): void {
    clearInterval(this.#heartbeat);
    for (const clients of this.#topics.values()) {
      for (const { controller } of clients) controller.close();
    }
    this.#topics.clear();
    this.#count = 0;
  }

  #beat(): void {
    for (const clients of this.#topics.values()) {
      for (const client of clients) if (client.pending === undefined) send(client, HEARTBEAT);
    }
  }

  #add(topic: string, client: Client): void {
    const clients = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, clients.add(client));
    this.#count++;
  }

  #remove(topic: string, client: Client): void {
    const clients = this.#topics.get(topic);
    if (clients?.delete(client) !== true) return;
    this.#count--;
    if (clients.size === 0) this.#topics.delete(topic);
  }
}

function send(client: Client, buffer: Uint8Array): void {
  if ((client.controller.desiredSize ?? 0) > 0) client.controller.enqueue(buffer);
  else if (buffer !== HEARTBEAT) client.pending = buffer;
}

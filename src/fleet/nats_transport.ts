/**
 * The transport over NATS: a plain subscription to the subject of the sets, and a look at what the stream keeps,
 * because a subscription loses messages without a word. A consumer of JetStream a host would not scale.
 */

import type { HostStatus, TakeSet, Transport } from "../agent/transport.ts";
import { ImmuconfigError, messageOf } from "../base/errors.ts";
import { sleep } from "../base/sleep.ts";
import { connectNats, type NatsLink } from "./nats_connection.ts";
import type { NatsSettings } from "./nats_settings.ts";
import { Newest } from "./newest.ts";
import { type FleetPlace, stateSubject, statusSubject, STREAM } from "./subjects.ts";

export interface NatsTransportOptions {
  readonly settings: NatsSettings;
  readonly project: string;
  readonly environment: string;
  /** Told, while it goes on, why it hears nothing. */
  readonly onTrouble: (message: string) => void;
}

/** One connection, for as long as somebody follows. */
interface Following {
  readonly link: NatsLink;
  readonly newest: Newest<Uint8Array>;
  readonly end: AbortController;
  /** Messages that the subscription has brought. */
  receivedCount: number;
  /** A look is due, or under way. */
  isLooking: boolean;
}

/** Milliseconds until the first look, at most: many hosts come at once. */
const FIRST_LOOK_MS = 1000;
/** Milliseconds between looks of which none was answered. */
const RETRY_MS_MIN = 2000;
const RETRY_MS_MAX = 5000;
const NAME = "immuconfig";

export class NatsTransport implements Transport {
  readonly #options: NatsTransportOptions;
  readonly #place: FleetPlace;
  /** Where the sets are published. */
  readonly #subject: string;
  #following: Following | undefined;

  constructor(options: NatsTransportOptions) {
    this.#options = options;
    const { settings, project, environment } = options;
    this.#place = { org: settings.org, project, environment };
    this.#subject = stateSubject(this.#place, "overrides");
  }

  get name(): string {
    const { project, environment } = this.#place;
    const { servers } = this.#options.settings;
    return `${project}/${environment} by NATS at ${servers.map((url) => new URL(url).host).join(", ")}`;
  }

  async overrides(): Promise<string> {
    const found = await this.#look();
    if (found !== undefined) return decoder.decode(found);
    throw new ImmuconfigError("ERR_NOT_FOUND", `${this.name}: no set of overrides was published`, {
      hint: "Is the control plane started with --nats, and for the same --nats-org?",
    });
  }

  async follow(signal: AbortSignal, take: TakeSet): Promise<void> {
    const link = await connectNats(this.#options.settings, NAME, signal);
    const newest = new Newest<Uint8Array>((data) => take(decoder.decode(data)));
    const end = new AbortController();
    const following: Following = { link, newest, end, receivedCount: 0, isLooking: false };
    this.#following = following;
    const stop = (): void => newest.end();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    void link.connection.closed().then((error) => newest.end(this.#lost(error)));
    try {
      link.connection.subscribe(this.#subject, {
        callback: (error, message) => {
          following.receivedCount++;
          if (error === null) newest.put(message.data);
          else newest.end(this.#lost(error));
        },
      });
      void this.#lookUntilAnswered(following, Math.random() * FIRST_LOOK_MS);
      await newest.ended;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#following = undefined;
      end.abort();
      newest.end();
      await link.connection.close();
    }
  }

  /** Who is not connected says nothing: it will, with its next state. */
  // oxlint-disable-next-line require-await -- what it throws is to be a rejection
  async report(status: HostStatus): Promise<void> {
    const subject = statusSubject(this.#place, status.host);
    this.#following?.link.connection.publish(subject, JSON.stringify(status));
  }

  /** A broker may be there without what keeps the states: a leaf whose hub has gone. */
  async #lookUntilAnswered(following: Following, firstMs: number): Promise<void> {
    if (following.isLooking) return;
    following.isLooking = true;
    let toldOf: string | undefined;
    for (
      let wait = firstMs;
      ;
      wait = RETRY_MS_MIN + Math.random() * (RETRY_MS_MAX - RETRY_MS_MIN)
    ) {
      await sleep(wait, following.end.signal);
      if (following.end.signal.aborted) return;
      try {
        const before = following.receivedCount;
        const found = await this.#keptBy(following.link);
        // What came meanwhile is newer.
        if (found !== undefined && following.receivedCount === before) following.newest.put(found);
        following.isLooking = false;
        return;
      } catch (error) {
        const words = messageOf(error);
        if (words !== toldOf && !following.end.signal.aborted) this.#options.onTrouble(words);
        toldOf = words;
      }
    }
  }

  async #look(): Promise<Uint8Array | undefined> {
    const following = this.#following;
    if (following === undefined) {
      const link = await connectNats(this.#options.settings, NAME);
      try {
        return await this.#keptBy(link);
      } finally {
        await link.connection.close();
      }
    }
    try {
      return await this.#keptBy(following.link);
    } catch (error) {
      // It is asked again soon: what comes back may have news.
      void this.#lookUntilAnswered(following, RETRY_MS_MAX);
      throw error;
    }
  }

  /** @throws ImmuconfigError `ERR_NETWORK` */
  async #keptBy({ streams: manager }: NatsLink): Promise<Uint8Array | undefined> {
    try {
      const kept = await manager.direct.getMessage(STREAM, { last_by_subj: this.#subject });
      return kept?.data;
    } catch (cause) {
      const words = messageOf(cause);
      const isAlone = /no responders/i.test(words);
      const why = isAlone ? "the server that keeps the states is not there" : words;
      throw new ImmuconfigError("ERR_NETWORK", `${this.name}: ${why}`, {
        cause,
        hint: "Is the hub running, a control plane started with --nats, and, behind a leaf, --nats-domain right?",
      });
    }
  }

  #lost(error: unknown): ImmuconfigError {
    const why = error instanceof Error ? error.message : "the connection was closed";
    return new ImmuconfigError("ERR_NETWORK", `${this.name}: ${why}`, {
      hint: "It is tried again, at another server where several are named.",
      ...(error instanceof Error ? { cause: error } : {}),
    });
  }
}

const decoder = new TextDecoder();

/**
 * The transport over NATS: a plain subscription to a subject a state, and a look at what the stream keeps,
 * because a subscription loses messages without a word. A consumer of JetStream a host would not scale.
 */

import type { MsgHdrs, Subscription } from "@nats-io/transport-node";
import type { PlaneClient } from "../agent/plane_client.ts";
import type { HostStatus, StateKind, TakeState, Transport } from "../agent/transport.ts";
import { ImmuconfigError, messageOf } from "../base/errors.ts";
import { sleep } from "../base/sleep.ts";
import { connectNats, type NatsLink } from "./nats_connection.ts";
import type { NatsSettings } from "./nats_settings.ts";
import { Newest } from "./newest.ts";
import { isReferredTo, recordReference } from "./state_message.ts";
import { type FleetPlace, stateSubject, statusSubject, STREAM } from "./subjects.ts";

export interface NatsTransportOptions {
  readonly settings: NatsSettings;
  readonly project: string;
  readonly environment: string;
  /** From which a record is fetched that is too large for a message; without it there are none of those. */
  readonly plane?: Pick<PlaneClient, "record">;
  /** Told, while it goes on, why it hears nothing. */
  readonly onTrouble: (message: string) => void;
}

/** What came of a state: by the subscription, or from the stream. */
interface Received {
  readonly data: Uint8Array;
  /** Parsed when they are asked for: a set has none that counts. */
  readonly headers?: MsgHdrs;
}

/** One connection, for as long as somebody follows. */
interface Following {
  readonly link: NatsLink;
  readonly newest: Newest<StateKind, Received>;
  readonly end: AbortController;
  readonly subscriptions: Map<StateKind, Subscription>;
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
  #following: Following | undefined;

  constructor(options: NatsTransportOptions) {
    this.#options = options;
    const { settings, project, environment } = options;
    this.#place = { org: settings.org, project, environment };
  }

  get name(): string {
    const { project, environment } = this.#place;
    const { servers } = this.#options.settings;
    return `${project}/${environment} by NATS at ${servers.map((url) => new URL(url).host).join(", ")}`;
  }

  async overrides(): Promise<string> {
    const found = await this.#look("overrides");
    if (found !== undefined) return textOf(found);
    throw new ImmuconfigError("ERR_NOT_FOUND", `${this.name}: no set of overrides was published`, {
      hint: "Is the control plane started with --nats, and for the same --nats-org?",
    });
  }

  async record(): Promise<Uint8Array | undefined> {
    const found = await this.#look("record");
    return found === undefined ? undefined : this.#recordOf(found);
  }

  async follow(kinds: readonly StateKind[], signal: AbortSignal, take: TakeState): Promise<void> {
    const link = await connectNats(this.#options.settings, NAME);
    const newest = new Newest<StateKind, Received>((kind, received) =>
      kind === "overrides"
        ? take({ kind, text: textOf(received) })
        : this.#takeRecord(following, received, take),
    );
    const end = new AbortController();
    const subscriptions = new Map<StateKind, Subscription>();
    const following: Following = { link, newest, end, subscriptions, isLooking: false };
    this.#following = following;
    const stop = (): void => newest.end();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    void link.connection.closed().then((error) => newest.end(this.#lost(error)));
    try {
      for (const kind of kinds) this.#subscribe(following, kind);
      void this.#lookUntilAnswered(following, kinds, Math.random() * FIRST_LOOK_MS);
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

  #subscribe({ link, newest, subscriptions }: Following, kind: StateKind): void {
    const subscription = link.connection.subscribe(stateSubject(this.#place, kind), {
      callback: (error, message) => {
        if (error === null) newest.put(kind, message);
        else newest.end(this.#lost(error));
      },
    });
    subscriptions.set(kind, subscription);
  }

  /** A broker may be there without what keeps the states: a leaf whose hub has gone. */
  async #lookUntilAnswered(
    following: Following,
    kinds: readonly StateKind[],
    firstMs: number,
  ): Promise<void> {
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
        for (const kind of kinds) {
          const subscription = following.subscriptions.get(kind);
          const before = subscription?.getReceived();
          const found = await this.#keptBy(following.link, kind);
          // What came meanwhile is newer.
          if (found !== undefined && subscription?.getReceived() === before) {
            following.newest.put(kind, found);
          }
        }
        following.isLooking = false;
        return;
      } catch (error) {
        const words = messageOf(error);
        if (words !== toldOf && !following.end.signal.aborted) this.#options.onTrouble(words);
        toldOf = words;
      }
    }
  }

  async #look(kind: StateKind): Promise<Received | undefined> {
    const following = this.#following;
    if (following === undefined) {
      const link = await connectNats(this.#options.settings, NAME);
      try {
        return await this.#keptBy(link, kind);
      } finally {
        await link.connection.close();
      }
    }
    try {
      return await this.#keptBy(following.link, kind);
    } catch (error) {
      // It is asked again soon: what comes back may have news.
      void this.#lookUntilAnswered(following, [kind], RETRY_MS_MAX);
      throw error;
    }
  }

  /** @throws ImmuconfigError `ERR_NETWORK` */
  async #keptBy({ streams: manager }: NatsLink, kind: StateKind): Promise<Received | undefined> {
    try {
      const subject = stateSubject(this.#place, kind);
      const kept = await manager.direct.getMessage(STREAM, { last_by_subj: subject });
      if (kept === null) return undefined;
      return { data: kept.data, headers: kept.header };
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

  /** What cannot be had now is looked for again. */
  async #takeRecord(following: Following, received: Received, take: TakeState): Promise<void> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#recordOf(received);
    } catch (error) {
      this.#options.onTrouble(messageOf(error));
      void this.#lookUntilAnswered(following, ["record"], RETRY_MS_MAX);
      return;
    }
    await take({ kind: "record", bytes });
  }

  /** @throws ImmuconfigError `ERR_NETWORK`, `ERR_DIGEST` */
  async #recordOf({ data, headers }: Received): Promise<Uint8Array> {
    const reference = recordReference(data, (name) => headers?.get(name) ?? "");
    if (reference === undefined) return data;
    const bytes = await this.#options.plane?.record();
    if (bytes === undefined) {
      throw new ImmuconfigError(
        "ERR_NETWORK",
        `${this.name}: the record is too large for a message`,
        {
          hint: "Say where the control plane is, so that it can be fetched: --server URL.",
        },
      );
    }
    if (isReferredTo(reference, bytes)) return bytes;
    throw new ImmuconfigError(
      "ERR_DIGEST",
      `${this.name}: the record is not the one that was announced`,
      {
        hint: "Another one may have been pushed meanwhile: it is tried again.",
      },
    );
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

function textOf({ data }: Received): string {
  return decoder.decode(data);
}

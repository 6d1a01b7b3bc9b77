/**
 * Tells a broker the newest state of every environment. No change waits for it: a change is made and
 * answered, and then published, or as soon as the broker is there. What a broker lost is told anew.
 */

import { Backoff } from "../../base/backoff.ts";
import { ImmuconfigError, messageOf } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import { connectNats, type NatsLink, unreachable } from "../../fleet/nats_connection.ts";
import type { NatsSettings } from "../../fleet/nats_settings.ts";
import { recordMessage, setMessage, type StateMessage } from "../../fleet/state_message.ts";
import { announce, type KeptMessage, StateStream } from "../../fleet/state_stream.ts";
import { type StateKind, stateSubject } from "../../fleet/subjects.ts";
import {
  allPlaces,
  changedPlaces,
  environmentIn,
  type Place,
  placeName,
} from "../domain/places.ts";
import type { Environment } from "../domain/state.ts";
import type { Engine } from "../engine.ts";
import type { Hosts } from "../hosts.ts";
import type { Log } from "../log.ts";
import type { OverrideSets } from "../override_sets.ts";
import type { RecordFiles } from "../record_files.ts";
import { guardStates } from "./guard.ts";
import { hearHosts } from "./hear_hosts.ts";

export interface PublisherOptions {
  readonly settings: NatsSettings;
  readonly engine: Engine;
  readonly sets: OverrideSets;
  readonly files: RecordFiles;
  readonly hosts: Hosts;
  readonly now: () => number;
  readonly log: Log;
}

/** Milliseconds before the first try to reach a broker again, and at most. */
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;
/** Milliseconds until what could not be published is tried again. */
const AGAIN_MS = 1000;
/** Milliseconds after which it is looked whether a set has to be signed anew. */
const REVIEW_MS = 60_000;
/**
 * Milliseconds after a connection in which what is published is so a second time, at the end of them: the links
 * of leaves, lost with the broker, come back a little later.
 */
const SETTLE_MS = 5000;
/** Environments that are published at once. */
const BATCH_SIZE = 32;
const NAME = "immuconfig control plane";

export class NatsPublisher {
  readonly #options: PublisherOptions;
  /** Environments whose newest state may not be there yet. */
  readonly #waiting = new Map<string, Place>();
  /** Environments that are being published. */
  #underWay = 0;
  /** What was put last, by subject. */
  readonly #put = new Map<string, string>();
  /** Environments whose set was another's: told once, as two who replace one another would fill the log. */
  readonly #foreign = new Set<string>();
  /** What was said without its being kept. */
  readonly #announced = new Map<string, string>();
  readonly #end = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #running: Promise<void>;
  #wake = Promise.withResolvers<void>();
  #isConnected = false;
  #publishedCount = 0;
  /** What was put since the connection was made, while it settles. */
  #early: Map<string, Place> | undefined;
  #fault = "";

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#unsubscribe = options.engine.subscribe((_, rows) => this.#note(changedPlaces(rows)));
    this.#running = this.#run();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Environments whose newest state is not published. */
  get waitingCount(): number {
    return this.#waiting.size + this.#underWay;
  }

  /** Messages since the start. */
  get publishedCount(): number {
    return this.#publishedCount;
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#end.abort();
    this.#wake.resolve();
    await this.#running;
  }

  #note(places: Iterable<Place>): void {
    for (const place of places) this.#waiting.set(placeName(place), place);
    this.#wake.resolve();
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    this.#note(allPlaces(this.#options.engine.state));
    const backoff = new Backoff(RETRY_MS_MIN, RETRY_MS_MAX);
    while (!signal.aborted) {
      try {
        const link = await connectNats(this.#options.settings, NAME, signal);
        await this.#serve(link, () => backoff.reset());
      } catch (error) {
        if (!signal.aborted) this.#tell(error);
      }
      this.#isConnected = false;
      if (!signal.aborted) await sleep(backoff.next(), signal);
    }
  }

  /** @param connected is called when the broker does what it must */
  async #serve(link: NatsLink, connected: () => void): Promise<void> {
    const { connection } = link;
    void connection.closed().then(() => this.#wake.resolve());
    const review = setInterval(() => this.#note(allPlaces(this.#options.engine.state)), REVIEW_MS);
    const settled = setTimeout(() => this.#settle(), SETTLE_MS);
    let stream: StateStream | undefined;
    connected();
    this.#isConnected = true;
    this.#options.log.nats(true);
    this.#put.clear();
    this.#early = new Map();
    try {
      hearHosts(connection, this.#options);
      guardStates(connection, this.#options, (subject, place) => {
        stream?.forget(subject);
        this.#put.delete(subject);
        this.#note([place]);
      });
      this.#note(allPlaces(this.#options.engine.state));
      while (!connection.isClosed() && !this.#end.signal.aborted) {
        this.#wake = Promise.withResolvers();
        try {
          stream ??= await this.#answered(StateStream.open(link));
          await this.#publishWaiting(stream);
          await this.#wake.promise;
        } catch (error) {
          this.#tell(error);
          if (connection.isClosed()) break;
          await this.#announceWaiting(link);
          await sleep(AGAIN_MS, this.#end.signal);
        }
      }
      if (connection.isClosed()) this.#options.log.nats(false);
    } finally {
      clearInterval(review);
      clearTimeout(settled);
      await connection.close();
    }
  }

  /** @throws what one of them threw; those that failed still wait */
  async #publishWaiting(stream: StateStream): Promise<void> {
    await this.#signWaiting();
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, BATCH_SIZE);
      for (const [name] of batch) this.#waiting.delete(name);
      this.#underWay = batch.length;
      const tries = batch.map(async ([name, place]) => {
        try {
          await this.#publish(stream, place);
        } catch (error) {
          this.#waiting.set(name, place);
          throw error;
        }
      });
      const results = await Promise.allSettled(tries);
      this.#underWay = 0;
      const failed = results.find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    }
    this.#fault = "";
  }

  /** Where every environment waits, one after the other would keep everybody else waiting, too. */
  async #signWaiting(): Promise<void> {
    const { engine, sets, now, log } = this.#options;
    const environments = this.#waiting.values().flatMap((place): [Place, Environment][] => {
      const environment = environmentIn(engine.state, place);
      return environment === undefined ? [] : [[place, environment]];
    });
    try {
      await sets.prepare(environments, now());
    } catch (error) {
      // Each is signed when it is published.
      log.fault("bulk-signing", error);
    }
  }

  /** Hosts that are connected need not wait until a stream has a leader again. */
  async #announceWaiting(link: NatsLink): Promise<void> {
    const { engine, sets, now, settings } = this.#options;
    for (const place of this.#waiting.values()) {
      const environment = environmentIn(engine.state, place);
      if (environment === undefined) continue;
      const { text } = await sets.current(place, environment, now());
      const subject = stateSubject({ org: settings.org, ...place }, "overrides");
      if (this.#announced.get(subject) === text || link.connection.isClosed()) continue;
      try {
        announce(link, subject, setMessage(text));
        this.#announced.set(subject, text);
      } catch (error) {
        this.#tell(error);
      }
    }
  }

  async #publish(stream: StateStream, place: Place): Promise<void> {
    const { engine, sets, files, now } = this.#options;
    const environment = environmentIn(engine.state, place);
    if (environment === undefined) return;
    const { text, sequence } = await sets.current(place, environment, now());
    await this.#putOnce(stream, place, "overrides", text, async () => ({
      message: setMessage(text),
      isRight: ({ payload }) => {
        const kept = new TextDecoder().decode(payload);
        if (sets.isGood(kept, place, sequence, now())) return true;
        if (!sets.isOwn(kept, place)) this.#tellOfForeign(place);
        return false;
      },
    }));
    const digest = environment.records.at(-1)?.digest;
    if (digest === undefined) return;
    await this.#putOnce(stream, place, "record", digest, async () => {
      const record = await files.read(digest);
      if (record === undefined) throw new Error("the record is not in the database");
      const { project, environment: name } = place;
      const path = `/v1/projects/${project}/environments/${name}/record`;
      const message = recordMessage(record.bytes, path, stream.recordSizeMax);
      return { message, isRight: (kept) => isSame(kept, message) };
    });
  }

  /** @param identity of the state: what was put with it need not be put again */
  async #putOnce(
    stream: StateStream,
    place: Place,
    kind: StateKind,
    identity: string,
    make: () => Promise<{ message: StateMessage; isRight: (kept: KeptMessage) => boolean }>,
  ): Promise<void> {
    const subject = stateSubject({ org: this.#options.settings.org, ...place }, kind);
    if (this.#put.get(subject) === identity) return;
    const { message, isRight } = await make();
    if (await this.#answered(stream.put(subject, message, isRight))) {
      this.#publishedCount++;
      this.#early?.set(subject, place);
    }
    this.#put.set(subject, identity);
  }

  /** @throws ImmuconfigError which names the brokers */
  async #answered<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (cause) {
      throw unreachable(this.#options.settings, cause);
    }
  }

  #settle(): void {
    const early = this.#early;
    this.#early = undefined;
    if (early === undefined) return;
    for (const subject of early.keys()) this.#put.delete(subject);
    this.#note(early.values());
  }

  #tellOfForeign(place: Place): void {
    const name = placeName(place);
    if (this.#foreign.has(name)) return;
    this.#foreign.add(name);
    const words = `the brokers had a set of ${name} that this server's key has not signed: it is replaced`;
    const hint =
      "Is another control plane at these brokers? Give each its own --nats-org. Else look who may publish there. After --new-online-key it is that of the key before.";
    this.#options.log.fault("nats", new ImmuconfigError("ERR_SIGNATURE", words, { hint }));
  }

  /** A fault that goes on is told once. */
  #tell(error: unknown): void {
    const words = messageOf(error);
    if (words !== this.#fault) this.#options.log.fault("nats", error);
    this.#fault = words;
  }
}

function isSame({ payload, header }: KeptMessage, message: StateMessage): boolean {
  const isAlike = Object.entries(message.headers).every(([name, value]) => header(name) === value);
  return isAlike && Buffer.compare(payload, message.payload) === 0;
}

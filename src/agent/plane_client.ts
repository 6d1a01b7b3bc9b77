/**
 * A client of one environment of a control plane, for checkouts and hosts. It is the transport over HTTP, too: an
 * event stream that has each set in it.
 */

import { sha256 } from "../base/digest.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { STREAM_SILENCE_MS } from "../base/limits.ts";
import type { WavePlan } from "../base/shares.ts";
import { requirePlaceName } from "../base/place_name.ts";
import type { FleetView } from "./fleet_view.ts";
import {
  inLines,
  isEnvironment,
  isFleet,
  isLedgerRun,
  isOpened,
  isPushed,
  type PlaneEnvironment,
  type PlaneLedgerRun,
  type PlaneOverride,
} from "./plane_answers.ts";
import { ANSWER_MS, PlaneServer, readBounded, type ServerAddress } from "./plane_server.ts";
import { Silence } from "./silence.ts";
import type { HostStatus, TakeSet, Transport } from "./transport.ts";

export interface PlaneAddress extends ServerAddress {
  readonly project: string;
  readonly environment: string;
}

/** A switch that is asked for. */
interface PlaneSwitch extends Omit<PlaneOverride, "rollout"> {
  readonly rollout?: WavePlan;
}

interface PlaneEvent {
  readonly version: number;
  /** A signed set, unread. */
  readonly set: string | undefined;
}

/** Bytes of one event: a set, and its name. */
const EVENT_SIZE_MAX = 65 * 1024;

export class PlaneClient implements Transport {
  readonly #server: PlaneServer;
  readonly #address: PlaneAddress;
  readonly #path: string;
  readonly #silenceMs: number;

  /**
   * @param silenceMs milliseconds after which an event stream on which nothing came is given up
   * @throws ImmuconfigError `ERR_VALUE` for an address that no server can have
   */
  constructor(address: PlaneAddress, silenceMs = STREAM_SILENCE_MS) {
    const { project, environment } = address;
    this.#server = new PlaneServer(address, `${project}/${environment}`);
    requirePlaceName(project, "a project");
    requirePlaceName(environment, "an environment");
    this.#address = address;
    this.#silenceMs = silenceMs;
    this.#path = `/v1/projects/${project}/environments/${environment}`;
  }

  /** Where it talks to, for messages. */
  get name(): string {
    return this.#server.name;
  }

  async environment(): Promise<PlaneEnvironment> {
    return this.#server.answer(isEnvironment, inLines(await this.#server.json(this.#path)));
  }

  /** Creates the project and the environment where they are missing. */
  async create(): Promise<void> {
    const { project, environment } = this.#address;
    await this.#unlessThere("/v1/projects", { project });
    await this.#unlessThere(`/v1/projects/${project}/environments`, { environment });
  }

  /** The newest record file; nothing where none was pushed. */
  async record(): Promise<Uint8Array | undefined> {
    const response = await this.#server.call(`${this.#path}/record`);
    if (response.status === 404) return undefined;
    if (!response.ok) throw await this.#server.refusal(response);
    return readBounded(response);
  }

  async push(bytes: Uint8Array, version: number): Promise<void> {
    const options = { method: "PUT", body: bytes, version } as const;
    const there = await this.#server.ask(isPushed, `${this.#path}/record`, options);
    if (there.digest !== sha256(bytes))
      throw this.#server.error("has another record than was sent");
  }

  /**
   * Has the server build sources for each flag of the newest record.
   *
   * @param bytes as `bun-config ledger --sources` writes them
   * @returns where its progress is
   */
  async pushLedger(bytes: Uint8Array): Promise<PlaneLedgerRun> {
    const options = { method: "POST", body: bytes } as const;
    return this.#server.ask(isLedgerRun, `${this.#path}/ledgers`, options);
  }

  async ledgerRun(ledger: string): Promise<PlaneLedgerRun> {
    return this.#server.ask(isLedgerRun, `${this.#path}/ledgers/${ledger}`);
  }

  async setOverride({ flag, ...wish }: PlaneSwitch, version: number): Promise<void> {
    await this.#put(`overrides/${flag}`, wish, version);
  }

  async clearOverride(flag: string, reason: string, version: number): Promise<void> {
    await this.#delete(`overrides/${flag}`, reason, version);
  }

  async haltRollout(flag: string, reason: string, version: number): Promise<void> {
    await this.#put(`overrides/${flag}/halt`, { reason }, version);
  }

  async resumeRollout(flag: string, reason: string, version: number): Promise<void> {
    await this.#delete(`overrides/${flag}/halt`, reason, version);
  }

  /** Asks for a change that somebody else approves. @returns the request's number */
  async openRequest(
    wish: { readonly action: object; readonly at: number | null; readonly reason: string },
    version: number,
  ): Promise<number> {
    const options = { method: "POST", body: JSON.stringify(wish), version } as const;
    return (await this.#server.ask(isOpened, `${this.#path}/requests`, options)).request;
  }

  /** Rejects a change request, or takes it back. */
  async rejectRequest(request: number, reason: string, version: number): Promise<void> {
    await this.#delete(`requests/${request}`, reason, version);
  }

  /** The signed set of overrides, unread. */
  async overrides(): Promise<string> {
    return this.#server.text(`${this.#path}/set`);
  }

  /** Tells the server how far a host is. */
  async report(status: HostStatus): Promise<void> {
    const options = { method: "POST", body: JSON.stringify(status) } as const;
    await this.#server.send(`${this.#path}/hosts`, options);
  }

  /** How far the hosts are. @param limit of those that are listed */
  async fleet(limit: number): Promise<FleetView> {
    const answer = await this.#server.json(`${this.#path}/fleet?limit=${limit}`);
    return this.#server.answer(isFleet, inLines(answer));
  }

  /**
   * The environment's version, now and whenever it changes, until `signal` or the server ends it.
   *
   * @throws ImmuconfigError `ERR_NETWORK` where nobody answers, or no longer
   */
  async *versions(signal: AbortSignal): AsyncGenerator<number> {
    for await (const { version } of this.#events(signal, false)) yield version;
  }

  async follow(signal: AbortSignal, take: TakeSet): Promise<void> {
    for await (const { set } of this.#events(signal, true)) {
      // A server of an earlier release says only that something has changed.
      await take(set ?? (await this.overrides()));
    }
  }

  async *#events(signal: AbortSignal, prefersSet: boolean): AsyncGenerator<PlaneEvent> {
    const silence = new Silence(Math.min(ANSWER_MS, this.#silenceMs), () => this.#silent());
    try {
      const options = {
        signal: AbortSignal.any([signal, silence.signal]),
        ...(prefersSet ? { prefer: "set" } : {}),
      };
      const response = await this.#server.send(`${this.#path}/events`, options);
      if (response.body !== null) yield* this.#read(response.body, silence);
    } finally {
      silence.stop();
    }
  }

  async *#read(body: ReadableStream<Uint8Array>, silence: Silence): AsyncGenerator<PlaneEvent> {
    let text = "";
    const decoder = new TextDecoder();
    silence.listen(this.#silenceMs);
    for await (const chunk of body) {
      silence.pause();
      text += decoder.decode(chunk, { stream: true });
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      if (text.length > EVENT_SIZE_MAX) throw this.#server.error("sends an event without an end");
      for (const event of events) {
        const version = /^id: (\d{1,15})$/m.exec(event)?.[1];
        const set = /^event: set\ndata: (.*)$/m.exec(event)?.[1];
        if (version !== undefined) yield { version: Number(version), set };
      }
      silence.listen(this.#silenceMs);
    }
  }

  #silent(): ImmuconfigError {
    const message = `${this.name} sent no sign of life: the connection is given up`;
    return new ImmuconfigError("ERR_NETWORK", message, {
      hint: "A server has one at least each 30 s. Does a proxy on the way hold back what is sent?",
    });
  }

  async #put(path: string, body: object, version: number): Promise<void> {
    const options = { method: "PUT", body: JSON.stringify(body), version } as const;
    await this.#server.send(`${this.#path}/${path}`, options);
  }

  async #delete(path: string, reason: string, version: number): Promise<void> {
    const query = new URLSearchParams({ reason }).toString();
    await this.#server.send(`${this.#path}/${path}?${query}`, { method: "DELETE", version });
  }

  async #unlessThere(path: string, body: object): Promise<void> {
    const response = await this.#server.call(path, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok && response.status !== 409) throw await this.#server.refusal(response);
  }
}

/** A client of the control plane, for checkouts and hosts. */

import { isThisMachine, parseUrl, printable, quoteAddress } from "../base/text.ts";
import { secureFetch } from "../base/secure_fetch.ts";
import { ImmuconfigError, messageOf, valueError } from "../base/errors.ts";
import { sha256 } from "../base/digest.ts";
import { parseJsonObject } from "../base/json.ts";
import { BODY_SIZE_MAX } from "../base/limits.ts";
import type { WavePlan } from "../base/shares.ts";
import { readStream } from "../base/read_stream.ts";
import { requirePlaceName } from "../base/place_name.ts";
import { HEADER_SIZE } from "../format/layout.ts";
import type { FleetView } from "./fleet_view.ts";
import {
  inLines,
  isEnvironment,
  isFleet,
  isLedgerRun,
  isOpened,
  isPushed,
  isRows,
  type PlaneEnvironment,
  type PlaneLedgerRun,
  type PlaneOverride,
} from "./plane_answers.ts";
import type { HostStatus } from "./transport.ts";

export interface PlaneAddress {
  /** Of the server; https, or http to this machine. */
  readonly server: string;
  /** Sent to the server, and nowhere else. */
  readonly token: string;
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

interface CallOptions {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: string | Uint8Array;
  readonly version?: number;
  readonly prefer?: string;
  readonly signal?: AbortSignal;
}

/** Milliseconds that an answer may take. */
const ANSWER_MS = 10_000;
/** Bytes of an answer. */
const ANSWER_SIZE_MAX = HEADER_SIZE + BODY_SIZE_MAX;
/** Bytes of one event: a set, and its name. */
const EVENT_SIZE_MAX = 65 * 1024;

export class PlaneClient {
  readonly #address: PlaneAddress;
  readonly #path: string;

  /** @throws ImmuconfigError `ERR_VALUE` for an address that no server can have */
  constructor(address: PlaneAddress) {
    const { server, project, environment } = address;
    checkServer(server);
    requirePlaceName(project, "a project");
    requirePlaceName(environment, "an environment");
    this.#address = address;
    this.#path = `/v1/projects/${project}/environments/${environment}`;
  }

  /** Where it talks to, for messages. */
  get name(): string {
    const { project, environment, server } = this.#address;
    return `${project}/${environment} at ${new URL(server).host}`;
  }

  async environment(): Promise<PlaneEnvironment> {
    return this.#answer(isEnvironment, inLines(await this.#json(this.#path)));
  }

  /** Creates the project and the environment where they are missing. */
  async create(): Promise<void> {
    const { project, environment } = this.#address;
    await this.#unlessThere("/v1/projects", { project });
    await this.#unlessThere(`/v1/projects/${project}/environments`, { environment });
  }

  /** The newest record file; nothing where none was pushed. */
  async record(): Promise<Uint8Array | undefined> {
    const response = await this.#call(`${this.#path}/record`);
    if (response.status === 404) return undefined;
    await this.#requireOk(response);
    return readBounded(response);
  }

  async push(bytes: Uint8Array, version: number): Promise<void> {
    const options = { method: "PUT", body: bytes, version } as const;
    const there = this.#answer(isPushed, await this.#json(`${this.#path}/record`, options));
    if (there.digest !== sha256(bytes)) throw this.#error("has another record than was sent");
  }

  /**
   * Has the server build sources for each flag of the newest record.
   *
   * @param bytes as `bun-config ledger --sources` writes them
   * @returns where its progress is
   */
  async pushLedger(bytes: Uint8Array): Promise<PlaneLedgerRun> {
    const options = { method: "POST", body: bytes } as const;
    return this.#answer(isLedgerRun, await this.#json(`${this.#path}/ledgers`, options));
  }

  async ledgerRun(ledger: string): Promise<PlaneLedgerRun> {
    return this.#answer(isLedgerRun, await this.#json(`${this.#path}/ledgers/${ledger}`));
  }

  async setOverride({ flag, ...wish }: PlaneSwitch, version: number): Promise<void> {
    const options = { method: "PUT", body: JSON.stringify(wish), version } as const;
    await this.#requireOk(await this.#call(`${this.#path}/overrides/${flag}`, options));
  }

  async clearOverride(flag: string, reason: string, version: number): Promise<void> {
    const query = new URLSearchParams({ reason });
    const options = { method: "DELETE", version } as const;
    await this.#requireOk(
      await this.#call(`${this.#path}/overrides/${flag}?${query.toString()}`, options),
    );
  }

  async haltRollout(flag: string, reason: string, version: number): Promise<void> {
    const options = { method: "PUT", body: JSON.stringify({ reason }), version } as const;
    await this.#requireOk(await this.#call(`${this.#path}/overrides/${flag}/halt`, options));
  }

  async resumeRollout(flag: string, reason: string, version: number): Promise<void> {
    const query = new URLSearchParams({ reason });
    const path = `${this.#path}/overrides/${flag}/halt?${query.toString()}`;
    await this.#requireOk(await this.#call(path, { method: "DELETE", version }));
  }

  /** Asks for a change that somebody else approves. @returns the request's number */
  async openRequest(
    wish: { readonly action: object; readonly at: number | null; readonly reason: string },
    version: number,
  ): Promise<number> {
    const options = { method: "POST", body: JSON.stringify(wish), version } as const;
    return this.#answer(isOpened, await this.#json(`${this.#path}/requests`, options)).request;
  }

  /** Rejects a change request, or takes it back. */
  async rejectRequest(request: number, reason: string, version: number): Promise<void> {
    const query = new URLSearchParams({ reason });
    const path = `${this.#path}/requests/${request}?${query.toString()}`;
    await this.#requireOk(await this.#call(path, { method: "DELETE", version }));
  }

  /** The signed set of overrides, unread. */
  async overrideSet(): Promise<string> {
    const response = await this.#call(`${this.#path}/set`);
    await this.#requireOk(response);
    return new TextDecoder().decode(await readBounded(response));
  }

  /** Tells the server how far a host is. */
  async reportHost(report: HostStatus): Promise<void> {
    const options = { method: "POST", body: JSON.stringify(report) } as const;
    await this.#requireOk(await this.#call(`${this.#path}/hosts`, options));
  }

  /** How far the hosts are. @param limit of those that are listed */
  async fleet(limit: number): Promise<FleetView> {
    const answer = await this.#json(`${this.#path}/fleet?limit=${limit}`);
    return this.#answer(isFleet, inLines(answer));
  }

  /** Rows of the audit log after a sequence, as the server sends them. */
  async auditRows(after: number): Promise<readonly unknown[]> {
    return this.#answer(isRows, await this.#json(`/v1/audit?after=${after}&limit=1000`)).rows;
  }

  /** The environment's version, now and whenever it changes, until `signal` or the server ends it. */
  async *versions(signal: AbortSignal): AsyncGenerator<number> {
    for await (const { version } of this.#events(signal, false)) yield version;
  }

  /**
   * The signed set of overrides, now and whenever it changes, unread; nothing from a server that says only
   * that something has changed.
   */
  async *sets(signal: AbortSignal): AsyncGenerator<string | undefined> {
    for await (const { set } of this.#events(signal, true)) yield set;
  }

  async *#events(signal: AbortSignal, prefersSet: boolean): AsyncGenerator<PlaneEvent> {
    const options = { signal, ...(prefersSet ? { prefer: "set" } : {}) };
    const response = await this.#call(`${this.#path}/events`, options);
    await this.#requireOk(response);
    if (response.body === null) return;
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      text += decoder.decode(chunk, { stream: true });
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      if (text.length > EVENT_SIZE_MAX) throw this.#error("sends an event without an end");
      for (const event of events) {
        const version = /^id: (\d{1,15})$/m.exec(event)?.[1];
        const set = /^event: set\ndata: (.*)$/m.exec(event)?.[1];
        if (version !== undefined) yield { version: Number(version), set };
      }
    }
  }

  async #unlessThere(path: string, body: object): Promise<void> {
    const response = await this.#call(path, { method: "POST", body: JSON.stringify(body) });
    if (response.status !== 409) await this.#requireOk(response);
  }

  /** What the server answers; nothing where it is no object of JSON. */
  async #json(path: string, options: CallOptions = {}): Promise<unknown> {
    const response = await this.#call(path, options);
    await this.#requireOk(response);
    return parseJsonObject(new TextDecoder().decode(await readBounded(response)));
  }

  #answer<Answer>(isOne: (value: unknown) => value is Answer, value: unknown): Answer {
    if (isOne(value)) return value;
    throw this.#error("answers what no control plane does");
  }

  async #call(path: string, options: CallOptions = {}): Promise<Response> {
    const { method = "GET", body, version, prefer, signal } = options;
    const { server, token } = this.#address;
    try {
      return await secureFetch(new URL(path, server), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(version === undefined ? {} : { "if-match": `"${version}"` }),
          ...(prefer === undefined ? {} : { prefer }),
        },
        // Elsewhere the token has no business.
        redirect: "manual",
        signal: signal ?? AbortSignal.timeout(ANSWER_MS),
        ...(body === undefined
          ? {}
          : { body: typeof body === "string" ? body : new Uint8Array(body) }),
      });
    } catch (cause) {
      const why = messageOf(cause);
      throw new ImmuconfigError("ERR_NETWORK", `${server} does not answer: ${why}`, {
        cause,
        hint: "Is it running, and is the address right? See IMMUCONFIG_SERVER.",
      });
    }
  }

  async #requireOk(response: Response): Promise<void> {
    if (response.ok) return;
    const text = new TextDecoder().decode(await readBounded(response));
    throw this.#refused(response.status, text);
  }

  #refused(status: number, text: string): ImmuconfigError {
    const detail = detailOf(text);
    const code = status === 404 ? "ERR_NOT_FOUND" : status === 412 ? "ERR_CONFLICT" : "ERR_NETWORK";
    const isElsewhere = status === 404 && detail !== undefined && !PLACE_MISSING.test(detail);
    const hint = isElsewhere ? ELSEWHERE_HINT : (HINTS[status] ?? "See the server's log.");
    return new ImmuconfigError(code, `${this.name}: ${detail ?? `it answered ${status}`}`, {
      hint,
    });
  }

  #error(what: string): ImmuconfigError {
    return new ImmuconfigError("ERR_NETWORK", `${this.name} ${what}`, {
      hint: "Is this the address of a control plane?",
    });
  }
}

const HINTS: Readonly<{ [status: number]: string }> = {
  401: "Give a token that lives: IMMUCONFIG_TOKEN, or a file named in IMMUCONFIG_TOKEN_FILE.",
  403: "Ask an administrator of the server for a token with that role.",
  404: "Create it with `bun-config push --create`.",
  409: "Ask for it, in the dashboard or (values) by `bun-config request`, and let somebody else approve it.",
  422: "Mend what it names; nothing was changed.",
  423: "Wait until it is thawed; an administrator can switch flags off.",
  429: "Try again in a moment.",
  412: "Somebody changed it meanwhile: look at it, and try again.",
  503: "Try again in a moment; the server's log says more.",
};

/** What a push makes. */
const PLACE_MISSING = /no (project|environment|record)\b/;
const ELSEWHERE_HINT = "See what there is: `bun-config override`, or the dashboard.";

/** Of a problem document, in one line; nothing where it is none of the server's answers. */
function detailOf(text: string): string | undefined {
  const detail = parseJsonObject(text)?.["detail"];
  return typeof detail === "string" ? printable(detail) : undefined;
}

function checkServer(server: string): void {
  const url = parseUrl(server);
  if (url !== null && (url.username !== "" || url.password !== "")) {
    throw valueError(
      "the address of the server has a secret in it, which messages would show",
      "Give the address alone; the token comes in IMMUCONFIG_TOKEN, or a file: IMMUCONFIG_TOKEN_FILE.",
    );
  }
  const { protocol, hostname } = url ?? { protocol: "", hostname: "" };
  if (protocol === "https:" || (protocol === "http:" && isThisMachine(hostname))) return;
  throw valueError(
    `${quoteAddress(server)} is not the address of a server`,
    "Give an https URL; http goes to this machine only.",
  );
}

function readBounded({ body }: Response): Promise<Buffer> {
  return readStream(body, ANSWER_SIZE_MAX, () => {
    return new ImmuconfigError("ERR_NETWORK", "the server's answer is too large", {
      hint: "Is this the address of a control plane?",
    });
  });
}

/** A control plane as a whole: how it is asked, what it may answer, and what its refusals mean. */

import { type ErrorCode, ImmuconfigError, messageOf, valueError } from "../base/errors.ts";
import { parseJsonObject } from "../base/json.ts";
import { BODY_SIZE_MAX } from "../base/limits.ts";
import { readStream } from "../base/read_stream.ts";
import { secureFetch } from "../base/secure_fetch.ts";
import { isSafeUrl, parseUrl, printable, quoteAddress } from "../base/text.ts";
import { HEADER_SIZE } from "../format/layout.ts";
import { isRows } from "./plane_answers.ts";

interface CallOptions {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: string | Uint8Array;
  readonly version?: number;
  readonly prefer?: string;
  readonly signal?: AbortSignal;
}

/** Milliseconds that an answer may take. */
export const ANSWER_MS = 10_000;
/** Bytes of an answer. */
const ANSWER_SIZE_MAX = HEADER_SIZE + BODY_SIZE_MAX;
/** Where a control plane is, and who asks. */
export interface ServerAddress {
  /** https, or http to this machine. */
  readonly server: string;
  /** Sent to the server, and nowhere else. */
  readonly token: string;
}

export class PlaneServer {
  /** What it is asked about, and where, for messages. */
  readonly name: string;
  readonly #address: ServerAddress;

  /**
   * @param what it is asked about; the whole of it where nothing is said
   * @throws ImmuconfigError `ERR_VALUE` for an address that no server can have
   */
  constructor(address: ServerAddress, what?: string) {
    checkServer(address.server);
    const { host } = new URL(address.server);
    this.name = what === undefined ? host : `${what} at ${host}`;
    this.#address = address;
  }

  /** Rows of the audit log after a sequence, as the server sends them. */
  async auditRows(after: number): Promise<readonly unknown[]> {
    return (await this.ask(isRows, `/v1/audit?after=${after}&limit=1000`)).rows;
  }

  /** What the server answers as JSON, where it is of a shape. */
  async ask<Answer>(
    isOne: (value: unknown) => value is Answer,
    path: string,
    options: CallOptions = {},
  ): Promise<Answer> {
    return this.answer(isOne, await this.json(path, options));
  }

  answer<Answer>(isOne: (value: unknown) => value is Answer, value: unknown): Answer {
    if (isOne(value)) return value;
    throw this.error("answers what no control plane does");
  }

  /** What the server answers; nothing where it is no object of JSON. */
  async json(path: string, options: CallOptions = {}): Promise<unknown> {
    return parseJsonObject(await this.text(path, options));
  }

  /** What the server answers, where it does what it is asked. */
  async text(path: string, options: CallOptions = {}): Promise<string> {
    return new TextDecoder().decode(await readBounded(await this.send(path, options)));
  }

  /** @throws ImmuconfigError what a refusal means */
  async send(path: string, options: CallOptions = {}): Promise<Response> {
    const response = await this.call(path, options);
    if (!response.ok) throw await this.refusal(response);
    return response;
  }

  async call(path: string, options: CallOptions = {}): Promise<Response> {
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

  async refusal(response: Response): Promise<ImmuconfigError> {
    const { status } = response;
    const detail = detailOf(new TextDecoder().decode(await readBounded(response)));
    const code = CODES[status] ?? "ERR_NETWORK";
    const isElsewhere = status === 404 && detail !== undefined && !PLACE_MISSING.test(detail);
    const hint = isElsewhere ? ELSEWHERE_HINT : (HINTS[status] ?? "See the server's log.");
    return new ImmuconfigError(code, `${this.name}: ${detail ?? `it answered ${status}`}`, {
      hint,
    });
  }

  error(what: string): ImmuconfigError {
    return new ImmuconfigError("ERR_NETWORK", `${this.name} ${what}`, {
      hint: "Is this the address of a control plane?",
    });
  }
}

const CODES: Readonly<{ [status: number]: ErrorCode }> = {
  404: "ERR_NOT_FOUND",
  412: "ERR_CONFLICT",
  429: "ERR_BUSY",
};

const HINTS: Readonly<{ [status: number]: string }> = {
  401: "Give a token that lives: IMMUCONFIG_TOKEN, or a file named in IMMUCONFIG_TOKEN_FILE.",
  403: "Ask an administrator of the server for a token with that role.",
  404: "Create it with `bun-config push --create`.",
  409: "Ask for it with `bun-config request`, and let somebody else approve it in the dashboard.",
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
  if (url !== null && isSafeUrl(url)) return;
  throw valueError(
    `${quoteAddress(server)} is not the address of a server`,
    "Give an https URL; http goes to this machine only.",
  );
}

/** The bytes of an answer, which has no more than a server of ours sends. */
export function readBounded({ body }: Response): Promise<Buffer> {
  return readStream(body, ANSWER_SIZE_MAX, () => {
    return new ImmuconfigError("ERR_NETWORK", "the server's answer is too large", {
      hint: "Is this the address of a control plane?",
    });
  });
}

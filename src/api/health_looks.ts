/**
 * Asks whether all is well before a rollout goes on. Who may switch a flag names the address, and who
 * starts the server says which origins it asks at all: no other address of its network, neither its own
 * nor that of a cloud's metadata, can be reached through it.
 */

import { secureFetch } from "../base/secure_fetch.ts";
import { parseOrigin, parseUrl } from "../base/text.ts";
import { messageOf, valueError } from "../base/errors.ts";
import { Refusal } from "./domain/refusal.ts";

/** Milliseconds that an answer may take. */
const ANSWER_MS = 5000;

export class HealthLooks {
  readonly #origins: ReadonlySet<string>;

  /**
   * @param origins that may be asked: `https://health.example.test`
   * @throws ImmuconfigError `ERR_VALUE` for what is no origin
   */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins.map(originOf));
  }

  /** @throws Refusal `unprocessable` for an address that this server does not ask */
  requireLet(url: string | null): void {
    const problem = url === null ? null : this.#refusalOf(url);
    if (problem !== null) throw new Refusal("unprocessable", problem);
  }

  /** @returns why all is not well, in words; null where it is */
  async look(url: string): Promise<string | null> {
    const problem = this.#refusalOf(url);
    if (problem !== null) return problem;
    try {
      const response = await secureFetch(url, {
        // Elsewhere nobody has let us ask.
        redirect: "manual",
        signal: AbortSignal.timeout(ANSWER_MS),
        headers: { accept: "*/*", "user-agent": "immuconfig" },
      });
      // The status is all that counts: nothing of the body is read.
      await response.body?.cancel();
      return response.ok ? null : `${withoutQuery(url)} answered ${response.status}`;
    } catch (error) {
      return `${withoutQuery(url)} does not answer: ${messageOf(error)}`;
    }
  }

  #refusalOf(text: string): string | null {
    const url = parseUrl(text);
    if (url === null || url.username !== "" || url.password !== "") {
      return "the health address is no URL, or has a password in it";
    }
    if (this.#origins.has(url.origin)) return null;
    return `this server does not ask ${url.origin}: whoever starts it lets it, by --health-origin`;
  }
}

function originOf(text: string): string {
  const url = parseOrigin(text);
  if (url?.protocol === "https:" || url?.protocol === "http:") return url.origin;
  throw valueError(
    `${JSON.stringify(text)} is not the origin of a health address`,
    "Give its beginning alone: https://health.example.test, perhaps with a port.",
  );
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

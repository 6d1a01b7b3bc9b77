/**
 * A change that is sent twice, because its answer was lost, is made once: both get one answer. It is
 * remembered while the server runs.
 */

import { Refusal } from "../domain/refusal.ts";
import { digestOf } from "../auth/tokens.ts";

/** Milliseconds that an answer is kept. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** Answers that are kept; the oldest goes for a new one. */
const KEPT_COUNT_MAX = 10_000;
const KEY = /^[\x21-\x7e]{1,255}$/;

interface Kept {
  /** Of all that was sent. */
  readonly digest: string;
  readonly ends: number;
  readonly answer: Promise<Answer>;
}

/** What is given to the first, and again to the others. */
interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
}

interface Sent {
  /** Who asks, as the audit log names them. */
  readonly actor: string;
  readonly key: string;
  /** Method, address, precondition and body. */
  readonly what: readonly unknown[];
}

export class Idempotency {
  /** By caller and key; the oldest is the first. */
  readonly #kept = new Map<string, Kept>();

  /**
   * @param run makes the change
   * @throws Refusal `bad-request` for what is no key, `unprocessable` for a key of another request
   */
  async once(
    { actor, key, what }: Sent,
    now: number,
    run: () => Promise<Response>,
  ): Promise<Response> {
    if (!KEY.test(key)) {
      throw new Refusal("bad-request", "an Idempotency-Key has 1 to 255 visible characters");
    }
    const name = `${actor} ${key}`;
    const digest = digestOf(JSON.stringify(what));
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.ends > now) {
      if (kept.digest === digest) return responseOf(await kept.answer);
      throw new Refusal("unprocessable", "this Idempotency-Key was used for another request");
    }
    const answer = run().then(read);
    this.#keep(name, { digest, ends: now + KEPT_MS, answer });
    try {
      return responseOf(await answer);
    } catch (error) {
      // What was refused was not done: it may be tried again with the same key.
      this.#kept.delete(name);
      throw error;
    }
  }

  #keep(name: string, kept: Kept): void {
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > KEPT_COUNT_MAX && oldest.done !== true) this.#kept.delete(oldest.value);
  }
}

async function read(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const body = response.body === null ? null : await response.text();
  return { status, headers: [...headers], body };
}

function responseOf({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers: new Headers(headers.map(([a, b]) => [a, b])) });
}

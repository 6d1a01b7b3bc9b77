/**
 * A change that is sent twice, because its answer was lost, is made once: both get one answer. The key is kept
 * with the change, so that it holds for every server on the database, and after a restart.
 */

import { BoundedMap } from "../../base/bounded_map.ts";
import { sha256 } from "../../base/digest.ts";
import type { Claim, KeptClaim, Store } from "../db/store.ts";
import { Refusal } from "../domain/refusal.ts";
import { MadeBefore } from "../engine.ts";
import type { Log } from "../log.ts";

/** Milliseconds that an answer is kept. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** Answers that are kept in memory; the oldest goes for a new one. */
const KEPT_COUNT_MAX = 10_000;
const KEY = /^[\x21-\x7e]{1,255}$/;

interface Kept {
  readonly claim: Claim;
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
  /** The answer has a secret, of which nothing is written. */
  readonly isSecret: boolean;
}

export class Idempotency {
  /** By the claim's name; the oldest is the first. */
  readonly #kept = new BoundedMap<string, Kept>(KEPT_COUNT_MAX);
  readonly #store: Store;
  readonly #log: Log;

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /**
   * @param run makes the change under a claim
   * @throws Refusal `bad-request` for what is no key, `unprocessable` for a key of another request, `exists`
   *   where the change was made and its answer is not known here
   */
  async once(
    { actor, key, what, isSecret }: Sent,
    now: number,
    run: (claim: Claim) => Promise<Response>,
  ): Promise<Response> {
    if (!KEY.test(key)) {
      throw new Refusal("bad-request", "an Idempotency-Key has 1 to 255 visible characters");
    }
    const name = sha256(JSON.stringify([actor, key]));
    const digest = sha256(JSON.stringify(what));
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.claim.ends > now) {
      requireSame(kept.claim, digest);
      return responseOf(await kept.answer);
    }
    const claim = { name, digest, made: now, ends: now + KEPT_MS };
    const answer = this.#answer(claim, isSecret, run);
    this.#kept.put(name, { claim, answer });
    try {
      return responseOf(await answer);
    } catch (error) {
      // What was refused was not done: it may be tried again with the same key.
      this.#kept.delete(name);
      throw error;
    }
  }

  async #answer(
    claim: Claim,
    isSecret: boolean,
    run: (claim: Claim) => Promise<Response>,
  ): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await read(await run(claim));
    } catch (error) {
      if (!(error instanceof MadeBefore)) throw error;
      requireSame(error.claim, claim.digest);
      return answerOf(error.claim);
    }
    if (!isSecret) {
      // The change is made, whatever becomes of its answer.
      await this.#store
        .keepAnswer(claim.name, JSON.stringify(answer))
        .catch((error: unknown) => this.#log.fault("idempotency", error));
    }
    return answer;
  }
}

function requireSame(claim: Claim, digest: string): void {
  if (claim.digest === digest) return;
  throw new Refusal("unprocessable", "this Idempotency-Key was used for another request");
}

function answerOf({ sequence, answer }: KeptClaim): Answer {
  if (answer !== null) return JSON.parse(answer) as Answer;
  throw new Refusal(
    "exists",
    `this was done before, as row ${sequence} of the audit log; its answer was given once and is not kept`,
  );
}

async function read(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const body = response.body === null ? null : await response.text();
  return { status, headers: [...headers], body };
}

function responseOf({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers: new Headers(headers.map(([a, b]) => [a, b])) });
}

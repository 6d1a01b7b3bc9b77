/**
 * What a passkey signs: random bytes with an end and a proof that this server made them for one
 * purpose. Nothing is kept for one until it is used, so nobody can fill the server with them.
 */

import { timingSafeEqual } from "node:crypto";
import { Refusal } from "../domain/refusal.ts";

/** Milliseconds between the question and the answer. */
const CHALLENGE_MS = 5 * 60 * 1000;
const NONCE_SIZE = 16;
/** Bytes of the end: milliseconds since 1970. */
const END_SIZE = 8;
/** Challenges that were answered well, and have not run out. */
const USED_COUNT_MAX = 100_000;

export class Challenges {
  readonly #key = crypto.getRandomValues(new Uint8Array(32));
  /** With their ends; the oldest is the first. */
  readonly #used = new Map<string, number>();

  /** @param purpose what an answer is good for */
  create(purpose: string, now: number): Uint8Array<ArrayBuffer> {
    const body = new Uint8Array(NONCE_SIZE + END_SIZE);
    crypto.getRandomValues(body.subarray(0, NONCE_SIZE));
    new DataView(body.buffer).setFloat64(NONCE_SIZE, now + CHALLENGE_MS);
    return Uint8Array.from([...body, ...this.#proof(purpose, body)]);
  }

  /** Whether this server asked it, for this purpose, and it has not run out. @param text base64url */
  isOurs(purpose: string, text: string, now: number): boolean {
    const bytes = Buffer.from(text, "base64url");
    const body = bytes.subarray(0, NONCE_SIZE + END_SIZE);
    const given = bytes.subarray(NONCE_SIZE + END_SIZE);
    const proof = this.#proof(purpose, body);
    return (
      given.length === proof.length &&
      timingSafeEqual(given, proof) &&
      body.readDoubleBE(NONCE_SIZE) > now
    );
  }

  /** @throws Refusal `unauthorized` when it was answered before */
  use(text: string, now: number): void {
    for (const [old, end] of this.#used) {
      if (end > now) break;
      this.#used.delete(old);
    }
    if (this.#used.has(text) || this.#used.size >= USED_COUNT_MAX) {
      throw new Refusal("unauthorized", "this answer was given before; try again");
    }
    this.#used.set(text, now + CHALLENGE_MS);
  }

  #proof(purpose: string, body: Uint8Array): Uint8Array {
    return new Bun.CryptoHasher("sha256", this.#key)
      .update(purpose)
      .update("\0")
      .update(body)
      .digest();
  }
}

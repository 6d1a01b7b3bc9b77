/** API tokens: 256 random bits that only their owner knows; the server keeps their digest. */

import { Refusal } from "../domain/refusal.ts";
import type { State, Token } from "../domain/state.ts";

const PREFIX = "imm_";
const SECRET_SIZE = 32;
const SCHEME = "Bearer ";

export interface NewToken {
  readonly id: string;
  /** What its owner sends; it is shown once. */
  readonly secret: string;
  readonly digest: string;
}

export function newToken(prefix = PREFIX): NewToken {
  const secret = prefix + randomText();
  const digest = digestOf(secret);
  return { id: digest.slice(0, 16), secret, digest };
}

/** 256 random bits, in base64url. */
export function randomText(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(SECRET_SIZE))).toString("base64url");
}

/** Characters of a credential. */
const SIZE_MAX = 8192;

/**
 * What a request was sent with: the whole header of `Authorization: Bearer`, which costs less to look for
 * than a part of it, or the key of `X-API-Key` after a line end, which no header holds.
 */
export function credentialOf(headers: Headers): string | undefined {
  const sent = headers.get("authorization");
  if (sent !== null && isBearer(sent)) return sent.length <= SIZE_MAX ? sent : undefined;
  const key = headers.get("x-api-key");
  return key !== null && key.length <= SIZE_MAX ? `\n${key}` : undefined;
}

/** The secret of a credential. */
export function secretIn(credential: string): string {
  return credential.slice(credential.startsWith("\n") ? 1 : SCHEME.length);
}

/** A scheme has no case (RFC 9110, 11.1), and nearly everybody writes it so. */
function isBearer(sent: string): boolean {
  if (sent.startsWith(SCHEME)) return true;
  return sent.slice(0, SCHEME.length).toLowerCase() === SCHEME.toLowerCase();
}

/** Credentials whose secrets' digests are remembered, twice: the older half goes when the newer one is full. */
const SEEN_COUNT = 2500;

/**
 * Remembers the digests of secrets that were good once: a hash costs more than all else that is asked of a
 * token. Whether a token is still one is asked of the state each time.
 */
export class SeenTokens {
  /** By the credential. */
  #newer = new Map<string, string>();
  #older = new Map<string, string>();

  /**
   * The token of a credential that was seen before.
   *
   * @throws Refusal `unauthorized` when it is none any more
   */
  find(state: State, credential: string, now: number): Token | undefined {
    const digest = this.#digestOf(credential);
    return digest === undefined ? undefined : liveToken(state, digest, now);
  }

  /**
   * The token of a credential, which is remembered.
   *
   * @throws Refusal `unauthorized`
   */
  check(state: State, credential: string, now: number): Token {
    const digest = digestOf(secretIn(credential));
    const token = liveToken(state, digest, now);
    this.#keep(credential, digest);
    return token;
  }

  #digestOf(credential: string): string | undefined {
    const known = this.#newer.get(credential);
    if (known !== undefined) return known;
    const old = this.#older.get(credential);
    if (old !== undefined) this.#keep(credential, old);
    return old;
  }

  #keep(credential: string, digest: string): void {
    if (this.#newer.size >= SEEN_COUNT) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(credential, digest);
  }
}

/**
 * The token of a secret's digest, as long as it is not revoked or past its end.
 *
 * @throws Refusal `unauthorized`
 */
export function liveToken(state: State, digest: string, now: number): Token {
  const token = state.tokens.get(digest);
  if (token === undefined || (token.expires !== null && token.expires <= now)) {
    throw new Refusal("unauthorized", "this token is unknown, revoked or past its end");
  }
  return token;
}

export function digestOf(secret: string): string {
  return new Bun.CryptoHasher("sha256").update(secret).digest("hex");
}

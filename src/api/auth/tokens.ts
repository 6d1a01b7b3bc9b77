/** API tokens: 256 random bits that only their owner knows; the server keeps their digest. */

import { Refusal } from "../domain/refusal.ts";
import type { State, Token } from "../domain/state.ts";

const PREFIX = "imm_";
const SECRET_SIZE = 32;
const SCHEME = "bearer ";

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

/** Of a secret. */
const SIZE_MAX = 8192;

/** The secret that a request was sent with, by `Authorization: Bearer` or `X-API-Key`. */
export function secretOf(headers: Headers): string | undefined {
  const sent = headers.get("authorization");
  const isBearer = sent?.slice(0, SCHEME.length).toLowerCase() === SCHEME;
  const secret = isBearer ? sent?.slice(SCHEME.length) : (headers.get("x-api-key") ?? undefined);
  return secret !== undefined && secret.length <= SIZE_MAX ? secret : undefined;
}

/** Headers whose secrets' digests are remembered, twice: the older half goes when the newer one is full. */
const SEEN_COUNT = 2500;

/**
 * Remembers the digests of secrets that were good once: a hash costs more than all else that is asked of a
 * token. Whether a token is still one is asked of the state each time.
 */
export class SeenTokens {
  /** By the whole header; that of X-API-Key after a line end, which no header holds. */
  #newer = new Map<string, string>();
  #older = new Map<string, string>();

  /**
   * The token of a secret that was seen before.
   *
   * @throws Refusal `unauthorized` when it is none any more
   */
  find(state: State, headers: Headers, now: number): Token | undefined {
    const digest = this.#digestOf(nameOf(headers));
    return digest === undefined ? undefined : liveToken(state, digest, now);
  }

  /**
   * The token of a secret, which is remembered.
   *
   * @throws Refusal `unauthorized`
   */
  check(state: State, headers: Headers, secret: string, now: number): Token {
    const digest = digestOf(secret);
    const token = liveToken(state, digest, now);
    this.#keep(nameOf(headers), digest);
    return token;
  }

  #digestOf(name: string): string | undefined {
    const known = this.#newer.get(name);
    if (known !== undefined) return known;
    const old = this.#older.get(name);
    if (old !== undefined) this.#keep(name, old);
    return old;
  }

  #keep(name: string, digest: string): void {
    if (this.#newer.size >= SEEN_COUNT) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(name, digest);
  }
}

function nameOf(headers: Headers): string {
  return headers.get("authorization") ?? `\n${headers.get("x-api-key") ?? ""}`;
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

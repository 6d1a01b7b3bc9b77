/** API tokens: 256 random bits that only their owner knows; the server keeps their digest. */

import { sha256 } from "../../base/digest.ts";
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
  const digest = sha256(secret);
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

/** Credentials whose tokens are remembered, twice: the older half goes when the newer one is full. */
const SEEN_COUNT = 2500;

/**
 * Remembers whose credentials were good once: a hash costs more than all else that is asked of a token. All is
 * forgotten as soon as a token was made or revoked; whether one has ended is asked each time.
 */
export class SeenTokens {
  /** Those of the state that was asked last. A state's are never changed in place. */
  #among: State["tokens"] | undefined;
  /** By the credential. */
  #newer = new Map<string, Token>();
  #older = new Map<string, Token>();

  /**
   * The token of a credential that was seen before.
   *
   * @throws Refusal `unauthorized` when it has ended
   */
  find(state: State, credential: string, now: number): Token | undefined {
    if (state.tokens !== this.#among) return undefined;
    const token = this.#newer.get(credential) ?? this.#oldOf(credential);
    return token === undefined ? undefined : living(token, now);
  }

  /**
   * The token of a credential, which is remembered.
   *
   * @throws Refusal `unauthorized`
   */
  check(state: State, credential: string, now: number): Token {
    const token = liveToken(state, sha256(secretIn(credential)), now);
    if (state.tokens !== this.#among) {
      this.#among = state.tokens;
      this.#newer = new Map();
      this.#older = new Map();
    }
    this.#keep(credential, token);
    return token;
  }

  #oldOf(credential: string): Token | undefined {
    const token = this.#older.get(credential);
    if (token !== undefined) this.#keep(credential, token);
    return token;
  }

  #keep(credential: string, token: Token): void {
    if (this.#newer.size >= SEEN_COUNT) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(credential, token);
  }
}

/**
 * The token of a secret's digest, as long as it is not revoked or past its end.
 *
 * @throws Refusal `unauthorized`
 */
export function liveToken(state: State, digest: string, now: number): Token {
  return living(state.tokens.get(digest), now);
}

function living(token: Token | undefined, now: number): Token {
  if (token === undefined || (token.expires !== null && token.expires <= now)) {
    throw new Refusal("unauthorized", "this token is unknown, revoked or past its end");
  }
  return token;
}

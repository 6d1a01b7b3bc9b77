/** API tokens: 256 random bits that only their owner knows; the server keeps their digest. */

import { Refusal } from "../domain/refusal.ts";
import type { State, Token } from "../domain/state.ts";

const PREFIX = "imm_";
const SECRET_SIZE = 32;

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

/** The secret that a request was sent with, by `Authorization: Bearer` or `X-API-Key`. */
export function secretOf(headers: Headers): string | undefined {
  const bearer = /^Bearer ([\w.~+/-]{1,8192}=*)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return bearer ?? headers.get("x-api-key") ?? undefined;
}

/**
 * The token of a secret.
 *
 * @throws Refusal `unauthorized`
 */
export function findToken(state: State, secret: string, now: number): Token {
  return liveToken(state, digestOf(secret), now);
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

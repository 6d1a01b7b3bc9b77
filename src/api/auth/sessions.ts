/**
 * Sessions of people at the dashboard: a cookie with 256 random bits, of which the server keeps the
 * digest. A session may do what its token may, and ends with it.
 */

import { Refusal } from "../domain/refusal.ts";
import type { State, Token } from "../domain/state.ts";
import { digestOf, findToken, liveToken } from "./tokens.ts";

const COOKIE = "__Host-session";
/** Milliseconds. */
const SESSION_MS = 12 * 60 * 60 * 1000;
/** Sessions at once; the oldest ends for a new one. */
const SESSION_COUNT_MAX = 10_000;

interface Session {
  /** The digest of the token's secret. */
  readonly token: string;
  readonly ends: number;
}

export class Sessions {
  /** By the digest of the cookie; the oldest is the first. */
  readonly #sessions = new Map<string, Session>();

  /**
   * @returns the value of `Set-Cookie`
   * @throws Refusal `unauthorized`
   */
  open(state: State, secret: string, now: number): { cookie: string; token: Token } {
    const token = findToken(state, secret, now);
    const value = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
    this.#sessions.set(digestOf(value), { token: token.digest, ends: now + SESSION_MS });
    const oldest = this.#sessions.keys().next();
    if (this.#sessions.size > SESSION_COUNT_MAX && oldest.done !== true) {
      this.#sessions.delete(oldest.value);
    }
    return { cookie: setCookie(value, SESSION_MS / 1000), token };
  }

  /** @returns the value of `Set-Cookie` that ends it in the browser, too */
  close(request: Request): string {
    const value = cookieOf(request);
    if (value !== undefined) this.#sessions.delete(digestOf(value));
    return setCookie("", 0);
  }

  /**
   * The token behind the request's cookie.
   *
   * @throws Refusal `unauthorized`; `forbidden` for a change that another site asks for
   */
  token(state: State, request: Request, now: number): Token {
    const value = cookieOf(request);
    if (value === undefined) {
      throw new Refusal("unauthorized", "send a token as Authorization: Bearer …");
    }
    const session = this.#sessions.get(digestOf(value));
    if (session === undefined || session.ends <= now) {
      throw new Refusal("unauthorized", "the session has ended; sign in again");
    }
    checkSite(request);
    return liveToken(state, session.token, now);
  }
}

/** A browser says where a request comes from; one that does not say may only read. */
export function checkSite({ method, headers, url }: Request): void {
  if (method === "GET" || method === "HEAD") return;
  const site = headers.get("sec-fetch-site");
  const isOwn =
    site === null ? headers.get("origin") === new URL(url).origin : site === "same-origin";
  if (!isOwn) throw new Refusal("forbidden", "the request comes from another site");
}

function cookieOf(request: Request): string | undefined {
  return new Bun.CookieMap(request.headers.get("cookie") ?? "").get(COOKIE) ?? undefined;
}

function setCookie(value: string, seconds: number): string {
  return `${COOKIE}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Strict`;
}

/**
 * Sessions of people at the dashboard: a cookie with 256 random bits, of which the server keeps the
 * digest. A session may do what its token or its person may, and ends with the token, the
 * passkey or the identity that it was opened with.
 */

import { sha256 } from "../../base/digest.ts";
import { BoundedMap } from "../../base/bounded_map.ts";
import { Refusal } from "../domain/refusal.ts";
import type { State } from "../domain/state.ts";
import { urlOf } from "../request_url.ts";
import { type Caller, callerOfPerson, callerOfToken } from "./callers.ts";
import { readCookie, setCookie } from "./cookies.ts";
import { liveToken, randomText } from "./tokens.ts";

const COOKIE = "__Host-session";
/** Milliseconds. */
const SESSION_MS = 12 * 60 * 60 * 1000;
/** Sessions at once; the oldest ends for a new one. */
const SESSION_COUNT_MAX = 10_000;

/** What a session was opened with. */
type Proof =
  | { readonly kind: "token"; readonly digest: string }
  | { readonly kind: "passkey"; readonly person: string; readonly passkey: string }
  | { readonly kind: "identity"; readonly person: string; readonly identity: string };

interface Session {
  readonly proof: Proof;
  readonly ends: number;
}

export class Sessions {
  /** By the digest of the cookie; the oldest is the first. */
  readonly #sessions = new BoundedMap<string, Session>(SESSION_COUNT_MAX);

  /**
   * @returns the value of `Set-Cookie`, and who it is
   * @throws Refusal `unauthorized`
   */
  open(state: State, proof: Proof, now: number): { cookie: string; caller: Caller } {
    const caller = callerOf(state, proof, now);
    const value = randomText();
    this.#sessions.put(sha256(value), { proof, ends: now + SESSION_MS });
    return { cookie: setCookie(COOKIE, value, SESSION_MS / 1000, "Strict"), caller };
  }

  /** @returns the value of `Set-Cookie` that ends it in the browser, too */
  close(request: Request): string {
    const value = readCookie(request, COOKIE);
    if (value !== undefined) this.#sessions.delete(sha256(value));
    return setCookie(COOKIE, "", 0, "Strict");
  }

  /**
   * Who is behind the request's cookie.
   *
   * @throws Refusal `unauthorized`; `forbidden` for a change that another site asks for
   */
  caller(state: State, request: Request, now: number): Caller {
    const value = readCookie(request, COOKIE);
    if (value === undefined) {
      throw new Refusal("unauthorized", "send a token as Authorization: Bearer …");
    }
    const session = this.#sessions.get(sha256(value));
    if (session === undefined || session.ends <= now) {
      throw ended();
    }
    checkSite(request);
    const caller = callerOf(state, session.proof, now);
    return { ...caller, ends: Math.min(session.ends, caller.ends ?? Infinity) };
  }
}

function callerOf(state: State, proof: Proof, now: number): Caller {
  if (proof.kind === "token") return callerOfToken(liveToken(state, proof.digest, now));
  const person = state.people.get(proof.person);
  const isHeld =
    proof.kind === "passkey"
      ? person?.passkeys.has(proof.passkey)
      : person?.identities.has(proof.identity);
  if (person === undefined || isHeld !== true) throw ended();
  return callerOfPerson(person, (later, then) => callerOf(later, proof, then));
}

function ended(): Refusal {
  return new Refusal("unauthorized", "the session has ended; sign in again");
}

/** A browser says where a request comes from; one that does not say may only read. */
export function checkSite(request: Request): void {
  const { method, headers } = request;
  if (method === "GET" || method === "HEAD") return;
  const site = headers.get("sec-fetch-site");
  const isOwn =
    site === null ? headers.get("origin") === urlOf(request).origin : site === "same-origin";
  if (!isOwn) throw new Refusal("forbidden", "the request comes from another site");
}

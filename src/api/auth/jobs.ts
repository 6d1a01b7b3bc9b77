/**
 * Jobs of CI systems, which come with a token that their system has signed for them (OpenID Connect): no
 * secret has to be kept anywhere. What was verified once is remembered until it ends, or its issuer is
 * removed or replaced. The library is loaded when the first one comes.
 */

import { BoundedMap } from "../../base/bounded_map.ts";
import { printable } from "../../base/text.ts";
import type { JWTPayload, JWTVerifyGetKey } from "jose";
import type { Grant } from "../domain/change.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Issuer, State } from "../domain/state.ts";
import { fetchBounded } from "./bounded_fetch.ts";
import type { Caller } from "./callers.ts";

const ALGORITHMS = ["EdDSA", "ES256", "RS256"];
/** Seconds by which the clocks of an issuer and the server may differ. */
const CLOCK_SKEW_S = 30;
/** Milliseconds that the keys of an issuer may take. */
const KEYS_MS = 5000;
/** Milliseconds before they are asked for again, because a token names one that is not known. */
const KEYS_COOLDOWN_MS = 30_000;
/** Milliseconds before an issuer is asked again that has not given its keys: anybody can name it in a token. */
const KEYS_AWAY_MS = 5000;
/** Tokens that are remembered; the oldest is forgotten for a new one. */
const VERIFIED_COUNT_MAX = 5000;
/** The library's codes for keys that did not come, or are none. */
const NO_KEYS: ReadonlySet<string> = new Set([
  "ERR_JOSE_GENERIC",
  "ERR_JWKS_TIMEOUT",
  "ERR_JWKS_INVALID",
]);
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

interface Verified {
  readonly issuer: Issuer;
  /** Milliseconds since 1970. */
  readonly ends: number;
  readonly caller: Caller;
}

/** A token of ours has no dots. */
export function isJwt(secret: string): boolean {
  return JWT.test(secret);
}

export class Jobs {
  readonly #verified = new BoundedMap<string, Verified>(VERIFIED_COUNT_MAX);
  /** The keys of each issuer, fetched when a token names one that is not known. */
  readonly #keys = new WeakMap<Issuer, JWTVerifyGetKey>();
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Who comes with a token.
   *
   * @throws Refusal `unauthorized`; `unavailable` where the issuer's keys cannot be fetched
   */
  caller({ issuers }: State, token: string, now: number): Caller | Promise<Caller> {
    const known = this.#verified.get(token);
    if (known !== undefined && known.ends > now && issuers.get(known.issuer.url) === known.issuer) {
      return known.caller;
    }
    this.#verified.delete(token);
    return this.#verify(issuers, token, now);
  }

  async #verify(issuers: State["issuers"], token: string, now: number): Promise<Caller> {
    const { decodeJwt, errors, jwtVerify } = await import("jose");
    try {
      const issuer = issuers.get(decodeJwt(token).iss ?? "");
      if (issuer === undefined) throw new Refusal("unauthorized", "nobody here trusts its issuer");
      const { payload } = await jwtVerify(token, await this.#keysOf(issuer), {
        algorithms: ALGORITHMS,
        issuer: issuer.url,
        audience: issuer.audience,
        requiredClaims: ["exp", "iat", "sub"],
        clockTolerance: CLOCK_SKEW_S,
        currentDate: new Date(now),
      });
      const caller = callerOf(issuer, payload);
      this.#verified.put(token, { issuer, ends: (payload.exp ?? 0) * 1000, caller });
      return caller;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      // What the library says of a token is its owner's fault; that keys do not come is the issuer's.
      if (error instanceof errors.JOSEError && !NO_KEYS.has(error.code)) {
        throw new Refusal("unauthorized", `the token is not believed: ${error.message}`);
      }
      throw new Refusal(
        "unavailable",
        "the keys of the token's issuer cannot be fetched; try again",
        KEYS_AWAY_MS / 1000,
      );
    }
  }

  async #keysOf(issuer: Issuer): Promise<JWTVerifyGetKey> {
    const known = this.#keys.get(issuer);
    if (known !== undefined) return known;
    const { createRemoteJWKSet, customFetch, errors } = await import("jose");
    let asksFrom = 0;
    // A clock that is put back keeps nobody waiting for longer.
    const isResting = (): boolean => {
      const left = asksFrom - this.#now();
      return left > 0 && left <= KEYS_AWAY_MS;
    };
    const remote = createRemoteJWKSet(new URL(issuer.jwks), {
      timeoutDuration: KEYS_MS,
      cooldownDuration: KEYS_COOLDOWN_MS,
      [customFetch]: async (url: string, options: RequestInit) => {
        if (isResting()) throw new Error("it has just failed");
        return fetchBounded(url, options);
      },
    });
    const keys: JWTVerifyGetKey = async (header, token) => {
      try {
        return await remote(header, token);
      } catch (error) {
        const isAway = !(error instanceof errors.JOSEError) || NO_KEYS.has(error.code);
        if (isAway && !isResting()) asksFrom = this.#now() + KEYS_AWAY_MS;
        throw error;
      }
    };
    this.#keys.set(issuer, keys);
    return keys;
  }
}

function callerOf(issuer: Issuer, payload: JWTPayload): Caller {
  const { name, rules } = issuer;
  const grants: Grant[] = rules
    .filter(({ claims }) =>
      Object.entries(claims).every(([claim, value]) => payload[claim] === value),
    )
    .map(({ role, project, environment }) => ({ role, project, environment }));
  // It stands in lines that people read, and a name of a branch may be part of it.
  const subject = printable(payload.sub ?? "").slice(0, 200);
  const caller: Caller = {
    actor: `job:${name}:${subject}`,
    name: subject,
    grants,
    ends: (payload.exp ?? 0) * 1000,
    again({ issuers }) {
      if (issuers.get(issuer.url) === issuer) return caller;
      throw new Refusal("unauthorized", "nobody here trusts its issuer any more");
    },
  };
  return caller;
}

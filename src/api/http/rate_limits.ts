/** How much one caller, and one address, may ask for. Memory is bounded, whoever comes. */

import { BoundedMap } from "../../base/bounded_map.ts";
import { isThisMachine } from "../../base/text.ts";
import { Refusal } from "../domain/refusal.ts";

/** Each a number a second; ten seconds' worth may come at once. */
export interface Limits {
  /** Changes by one token, person or session. */
  readonly changes: number;
  /** Attempts to sign in, and requests without a good token, from one address. */
  readonly attempts: number;
  /** Requests from one address. */
  readonly requests: number;
}

export const DEFAULT_LIMITS: Limits = { changes: 100, attempts: 20, requests: 2000 };

/** Seconds' worth that may come at once. */
const BURST_S = 10;
/** Callers or addresses that are counted; the one seen least lately is forgotten for a new one. */
const KEY_COUNT_MAX = 10_000;

/** One rate for many keys: each key has the time up to which its requests are spent. */
class RateLimit {
  readonly #perSecond: number;
  readonly #spent = new BoundedMap<string, number>(KEY_COUNT_MAX);

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /**
   * @param now milliseconds of a clock that nobody sets
   * @throws Refusal `too-many-requests`
   */
  take(key: string, now: number): void {
    const spent = Math.max(this.#spent.get(key) ?? 0, now);
    const excess = spent - now - BURST_S * 1000;
    if (excess > 0) {
      const wait = Math.ceil(excess / 1000);
      throw new Refusal("too-many-requests", `try again in ${wait} s`, wait);
    }
    this.#spent.put(key, spent + 1000 / this.#perSecond);
  }
}

export class RateLimits {
  readonly #changes: RateLimit;
  readonly #attempts: RateLimit;
  readonly #requests: RateLimit;

  constructor({ changes, attempts, requests }: Limits) {
    this.#changes = new RateLimit(changes);
    this.#attempts = new RateLimit(attempts);
    this.#requests = new RateLimit(requests);
  }

  /** @throws Refusal `too-many-requests` */
  change(actor: string): void {
    this.#changes.take(actor, performance.now());
  }

  /** @throws Refusal `too-many-requests` */
  attempt(address: string): void {
    this.#attempts.take(address, performance.now());
  }

  /** @throws Refusal `too-many-requests` */
  request(address: string): void {
    this.#requests.take(address, performance.now());
  }
}

/**
 * Who is at the other end: behind a proxy on this machine, whom the proxy names last. One line gets a
 * whole network of IPv6, so its addresses count as one.
 *
 * @param peer the address of the connection
 * @param forwarded `X-Forwarded-For`, which anybody may write, and a proxy adds to
 * @returns nothing for this machine itself
 */
export function addressOf(peer: string, forwarded: string | null): string | undefined {
  if (!isThisMachine(peer)) return network(peer);
  const last = forwarded?.split(",").at(-1)?.trim();
  return last === undefined || last === "" ? undefined : network(last.slice(0, 64));
}

function network(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = ""] = address.split("::", 1);
  return `${head.split(":").slice(0, 4).join(":")}::/64`;
}

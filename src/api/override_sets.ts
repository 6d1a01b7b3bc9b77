/** The overrides of an environment as hosts get them: signed, numbered, and good for a day. */

import { WHOLE_SHARE } from "../base/shares.ts";
import type { Signer } from "../trust/file_signature.ts";
import {
  type OverrideSet,
  readOverrideSet,
  type SignedOverride,
  signOverrideSet,
} from "../trust/override_set.ts";
import { type Place, placeName } from "./domain/places.ts";
import { shareOf } from "./domain/waves.ts";
import type { Environment, Override } from "./domain/state.ts";

/** Seconds that a set is good for. */
const VALID_S = 24 * 60 * 60;
/** Seconds after which one is signed anew, though nothing has changed. */
const RENEW_S = 60 * 60;

export interface SignedSet {
  readonly text: string;
  readonly sequence: number;
}

/** Sets to be signed from which on threads sign them: fewer are sooner done here. */
const BULK_MIN = 64;
/** Sets that are handed to the threads at once. */
const BULK_MAX = 4096;

/** Signs many. */
interface Bulk {
  sign(sets: readonly OverrideSet[]): Promise<readonly string[]>;
}

interface Issued extends SignedSet {
  readonly issued: number;
}

export class OverrideSets {
  readonly #signer: Signer;
  readonly #bulk: Bulk | undefined;
  readonly #last = new Map<string, Issued>();

  /** @param bulk signs with the same key, where it is many that are to be signed */
  constructor(signer: Signer, bulk?: Bulk) {
    this.#signer = signer;
    this.#bulk = bulk;
  }

  /** The raw public key, 32 bytes. */
  get publicKey(): Uint8Array {
    return this.#signer.publicKey;
  }

  /** @param nowMs milliseconds since 1970 */
  async current(place: Place, environment: Environment, nowMs: number): Promise<SignedSet> {
    const last = this.#fresh(place, environment, nowMs);
    if (last !== undefined) return last;
    const set = setOf(place, environment, nowMs);
    return this.#keep(set, await signOverrideSet(set, this.#signer));
  }

  /**
   * Has the sets that are to be signed anew signed by threads, where they are many: asked for one by one
   * afterwards, they are there.
   *
   * @param nowMs milliseconds since 1970
   * @throws what the threads throw: `current` signs then
   */
  async prepare(
    environments: Iterable<readonly [Place, Environment]>,
    nowMs: number,
  ): Promise<void> {
    if (this.#bulk === undefined) return;
    const due = [...environments].filter(([place, one]) => !this.#fresh(place, one, nowMs));
    if (due.length < BULK_MIN) return;
    for (let start = 0; start < due.length; start += BULK_MAX) {
      const sets = due
        .slice(start, start + BULK_MAX)
        .map(([place, environment]) => setOf(place, environment, nowMs));
      const texts = await this.#bulk.sign(sets);
      for (const [index, set] of sets.entries()) this.#keep(set, texts[index] ?? "");
    }
  }

  #fresh(place: Place, { changes }: Environment, nowMs: number): Issued | undefined {
    const last = this.#last.get(placeName(place));
    const isFresh = last?.sequence === changes && nowMs / 1000 < last.issued + RENEW_S;
    return isFresh ? last : undefined;
  }

  /** One that was signed meanwhile, of a later change, stays. */
  #keep(set: OverrideSet, text: string): SignedSet {
    const { sequence, issued } = set;
    const signed = { text, sequence, issued };
    const name = placeName(set);
    if ((this.#last.get(name)?.sequence ?? 0) <= sequence) this.#last.set(name, signed);
    return signed;
  }

  /**
   * Whether a set that somebody has is as good as the newest: signed with this key, no older, and not to be
   * signed anew yet.
   *
   * @param sequence of the newest
   * @param nowMs milliseconds since 1970
   */
  isGood(text: string, place: Place, sequence: number, nowMs: number): boolean {
    const now = Math.floor(nowMs / 1000);
    const set = this.#read(text, place, sequence, now);
    return set !== undefined && now < set.issued + RENEW_S;
  }

  /** Whether this server's key signed it, for this environment and at any time. */
  isOwn(text: string, place: Place): boolean {
    return this.#read(text, place, 0, undefined) !== undefined;
  }

  #read(
    text: string,
    place: Place,
    seen: number,
    now: number | undefined,
  ): OverrideSet | undefined {
    try {
      return readOverrideSet(text, { ...place, keys: [this.publicKey], seen, now });
    } catch {
      return undefined;
    }
  }
}

function setOf(place: Place, environment: Environment, nowMs: number): OverrideSet {
  const issued = Math.floor(nowMs / 1000);
  const overrides = [...environment.overrides.values()]
    .filter(({ until }) => until === null || until > nowMs)
    .map(signedOverride)
    .toSorted((a, b) => (a.flag < b.flag ? -1 : 1));
  const { changes: sequence } = environment;
  return { ...place, sequence, issued, expires: issued + VALID_S, overrides };
}

function signedOverride({ flag, enabled, until: untilMs, rollout }: Override): SignedOverride {
  const until = untilMs === null ? null : Math.ceil(untilMs / 1000);
  const share = rollout === null ? WHOLE_SHARE : shareOf(rollout);
  // A set for all hosts is as it was before there were waves.
  if (rollout === null || share === WHOLE_SHARE) return { flag, enabled, until };
  const { salt, rest } = rollout;
  return { flag, enabled, until, wave: { salt, share, rest } };
}

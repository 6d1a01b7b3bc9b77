/** The overrides of an environment as hosts get them: signed, numbered, and good for a day. */

import type { Signer } from "../trust/file_signature.ts";
import {
  readOverrideSet,
  type SignedOverride,
  signOverrideSet,
  WHOLE_SHARE,
} from "../trust/override_set.ts";
import type { Place } from "./domain/decide.ts";
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

interface Issued extends SignedSet {
  readonly issued: number;
}

export class OverrideSets {
  readonly #signer: Signer;
  readonly #last = new Map<string, Issued>();

  constructor(signer: Signer) {
    this.#signer = signer;
  }

  /** The raw public key, 32 bytes. */
  get publicKey(): Uint8Array {
    return this.#signer.publicKey;
  }

  /** @param nowMs milliseconds since 1970 */
  async current(place: Place, environment: Environment, nowMs: number): Promise<SignedSet> {
    const now = Math.floor(nowMs / 1000);
    const name = `${place.project}/${place.environment}`;
    const last = this.#last.get(name);
    const { changes: sequence } = environment;
    if (last?.sequence === sequence && now < last.issued + RENEW_S) return last;
    const overrides = [...environment.overrides.values()]
      .filter(({ until }) => until === null || until > nowMs)
      .map(signedOverride)
      .toSorted((a, b) => (a.flag < b.flag ? -1 : 1));
    const set = { ...place, sequence, issued: now, expires: now + VALID_S, overrides };
    const signed = { text: await signOverrideSet(set, this.#signer), sequence, issued: now };
    this.#last.set(name, signed);
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
    try {
      const keys = [this.publicKey];
      const set = readOverrideSet(text, { ...place, keys, seen: sequence, now });
      return now < set.issued + RENEW_S;
    } catch {
      return false;
    }
  }
}

function signedOverride({ flag, enabled, until: untilMs, rollout }: Override): SignedOverride {
  const until = untilMs === null ? null : Math.ceil(untilMs / 1000);
  const share = rollout === null ? WHOLE_SHARE : shareOf(rollout);
  // A set for all hosts is as it was before there were waves.
  if (rollout === null || share === WHOLE_SHARE) return { flag, enabled, until };
  const { salt, rest } = rollout;
  return { flag, enabled, until, wave: { salt, share, rest } };
}

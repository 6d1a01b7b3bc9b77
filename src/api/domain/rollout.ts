/**
 * A switch that reaches the hosts of an environment in waves: which may begin, go on, halt and resume. It
 * is an override like any other, for a share of the hosts. Pure.
 */

import type { WavePlan } from "../../base/shares.ts";
import { WHOLE_SHARE } from "../../base/shares.ts";
import type { DecidedChange } from "./change.ts";
import { environmentAt, findEnvironment, type Target } from "./decide.ts";
import type { Place } from "./places.ts";
import { Refusal } from "./refusal.ts";
import type { Environment, Rollout, State } from "./state.ts";
import { nextWave, stateForAll } from "./waves.ts";

interface OfFlag extends Place {
  readonly flag: string;
}

/** The row's sequence is the salt of the waves. */
interface RolloutStarted extends OfFlag, WavePlan {
  readonly kind: "rollout.started";
  readonly enabled: boolean;
  readonly until: number | null;
  /** What the hosts have that are not reached: an earlier override's state, or null. */
  readonly rest: boolean | null;
  readonly reason: string;
}

interface RolloutAdvanced extends OfFlag {
  readonly kind: "rollout.advanced";
  /** Of the hosts from now on, in hundredths of a percent. */
  readonly share: number;
}

interface RolloutHalted extends OfFlag {
  readonly kind: "rollout.halted";
  readonly reason: string;
}

interface RolloutResumed extends OfFlag {
  readonly kind: "rollout.resumed";
  readonly reason: string;
}

export type RolloutChange = RolloutStarted | RolloutAdvanced | RolloutHalted | RolloutResumed;

/** @returns what the hosts have that are not reached yet */
export function checkStart(
  { overrides }: Environment,
  flag: string,
  enabled: boolean,
  { shares }: WavePlan,
): boolean | null {
  if (shares.some((share, index) => index > 0 && share <= (shares[index - 1] ?? 0))) {
    throw new Refusal("unprocessable", "each wave must reach more hosts than the one before it");
  }
  const before = overrides.get(flag);
  if (before === undefined) return null;
  const state = stateForAll(before);
  if (state === null) {
    throw new Refusal(
      "unprocessable",
      `a rollout of ${flag} is under way: give it back (clear it) first`,
    );
  }
  if (before.until !== null) {
    throw new Refusal(
      "unprocessable",
      `the present switch of ${flag} ends by itself: give it back (clear it) first, or switch it without an end`,
    );
  }
  if (state === enabled) {
    throw new Refusal("unprocessable", `${flag} is switched ${enabled ? "on" : "off"} already`);
  }
  return state;
}

/**
 * The next wave, or a halt. A wave that comes late is followed by the next one after a whole pause.
 *
 * @param seen the rollout as it was when its health was asked for
 * @param problem why it may not go on; null where all is well
 * @throws Refusal `stale` when it is another one now, or not due
 */
export function advance(
  state: State,
  place: Place,
  flag: string,
  seen: Rollout,
  problem: string | null,
  now: number,
): DecidedChange {
  const { overrides, frozen } = findEnvironment(state, place);
  const override = overrides.get(flag);
  const due = override === undefined ? undefined : nextWave(override);
  // A state is never changed, only replaced: what was seen is what is there.
  if (override?.rollout !== seen || due === undefined || due > now) {
    throw new Refusal("stale", "no wave is due");
  }
  const why = frozen === null ? problem : `the environment is frozen (${frozen.reason})`;
  if (why !== null)
    return { change: { kind: "rollout.halted", ...place, flag, reason: why.slice(0, 200) } };
  const share = seen.shares[seen.step + 1] ?? WHOLE_SHARE;
  return { change: { kind: "rollout.advanced", ...place, flag, share } };
}

/** Whoever may switch may halt, in a freeze and without a second person: it changes no flag. */
export function haltRollout(
  state: State,
  target: Target,
  flag: string,
  reason: string,
): DecidedChange {
  const { halted } = requireRollout(environmentAt(state, target), flag);
  if (halted !== null)
    throw new Refusal("unprocessable", `the rollout of ${flag} is halted already`);
  return { change: { kind: "rollout.halted", ...target.place, flag, reason } };
}

/** @throws Refusal `unprocessable` for one that goes on anyway */
export function checkResume(environment: Environment, flag: string): void {
  if (requireRollout(environment, flag).halted === null) {
    throw new Refusal("unprocessable", `the rollout of ${flag} is not halted`);
  }
}

/** One that is not at its end. */
function requireRollout({ overrides }: Environment, flag: string): Rollout {
  const rollout = overrides.get(flag)?.rollout ?? null;
  if (rollout === null || rollout.step + 1 >= rollout.shares.length) {
    throw new Refusal("not-found", `no rollout of ${flag} is under way here`);
  }
  return rollout;
}

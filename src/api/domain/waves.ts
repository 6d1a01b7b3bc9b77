/** What the waves of an override come to. Pure. */

import { WHOLE_SHARE } from "../../base/shares.ts";
import type { Override, Rollout } from "./state.ts";

export const WAVE_COUNT_MAX = 20;
/** Milliseconds between two waves. */
export const EVERY_MS_MIN = 1000;
export const EVERY_MS_MAX = 30 * 24 * 60 * 60 * 1000;

/** What an override makes of its flag where no host is named: nothing while it waits for hosts. */
export function stateForAll({ enabled, rollout }: Override): boolean | null {
  if (rollout === null || shareOf(rollout) === WHOLE_SHARE) return enabled;
  return rollout.rest;
}

/** Every state that an override gives to some host. */
export function statesOf({ enabled, rollout }: Override): boolean[] {
  return rollout === null || rollout.rest === null ? [enabled] : [enabled, rollout.rest];
}

/** The share of the hosts that are reached, in hundredths of a percent. */
export function shareOf({ shares, step }: Rollout): number {
  return shares[step] ?? WHOLE_SHARE;
}

/** When the next wave is due, in milliseconds since 1970; nothing where none comes by itself. */
export function nextWave({ rollout }: Override): number | undefined {
  if (rollout === null || rollout.halted !== null) return undefined;
  const { shares, step, since, everyMs } = rollout;
  return step + 1 < shares.length ? since + everyMs : undefined;
}

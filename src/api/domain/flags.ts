/** The flags of an environment as programs see them: the record, under the overrides. Pure. */

import { type File, flagMeta, isRetired } from "../../format/file.ts";
import { type LiveRule, liveRule } from "../../format/live_rule.ts";
import { hasFlag } from "../../format/flag_set.ts";
import { stateForAll } from "./waves.ts";
import type { Environment, Override } from "./state.ts";

export interface FlagState {
  readonly name: string;
  readonly enabled: boolean;
  readonly recorded: boolean;
  readonly retired: boolean;
  readonly description: string | null;
  readonly owner: string | null;
  /** `YYYY-MM-DD` */
  readonly expires: string | null;
  /** What overrides may do to it. */
  readonly live: LiveRule;
  readonly override: Override | null;
}

/** Every flag of the record, in the order of its table. */
export function flagStates(file: File, environment: Environment, now: number): FlagState[] {
  return file.flags.map(({ bit, name }) => {
    const recorded = hasFlag(file.record.featureFlags, bit);
    const retired = isRetired(file, name);
    const override = retired ? null : activeOverride(environment, name, now);
    const { description = null, owner = null, expires = null } = flagMeta(file, name);
    // Who asks is no host: a wave reaches them when it reaches all.
    const enabled = (override === null ? null : stateForAll(override)) ?? recorded;
    const live = liveRule(file, name);
    return { name, enabled, recorded, retired, description, owner, expires, live, override };
  });
}

/** An override that has run out is no longer there. */
function activeOverride(environment: Environment, name: string, now: number): Override | null {
  const override = environment.overrides.get(name);
  if (override === undefined) return null;
  return override.until !== null && override.until <= now ? null : override;
}

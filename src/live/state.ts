/** What programs get to see of a live state: a record, and the overrides that hold for it. */

import type { Features } from "../runtime/config.ts";
import type { LiveClock } from "./clock.ts";
import { hasEnded, type NextState, type Override } from "./segment.ts";

/** A record file as live views see it. */
export interface LiveRecord {
  /** Which file it is: device, inode, time of change and size, 32 bytes that no two states share. */
  readonly identity: Uint8Array;
  readonly generation: number;
  /** As text: 26 hex digits; where flags from bit 32 on are on, `.` and more. */
  readonly record: string;
  /** Every flag that programs may ask for. */
  readonly features: Features;
  /** Frozen or signed: overrides may take away from it, and add nothing. */
  readonly isFixed: boolean;
}

/** An override that holds. */
export interface LiveOverride {
  readonly name: string;
  readonly enabled: boolean;
  /** When it ends, milliseconds since 1970; null when it does not. */
  readonly endMs: number | null;
}

/** All flags at one instant, deeply frozen. */
export interface LiveState {
  /** The generation of the file's record. */
  readonly generation: number;
  /** The file's record as text, without the overrides. */
  readonly record: string;
  /** Every flag, with the overrides applied. */
  readonly features: Features;
  readonly overrides: readonly LiveOverride[];
}

/** The record's flags by name, whatever type the project gave them. */
export function flagsOf({ features }: { readonly features: Features }): {
  readonly [name: string]: boolean;
} {
  return features;
}

/**
 * The overrides of a segment that hold for a record: those of its flags that have not ended and
 * that the record allows. The segment may be older than the file.
 *
 * @param uptimeMs milliseconds of the uptime clock
 */
export function keptOverrides(
  record: LiveRecord,
  state: NextState | undefined,
  uptimeMs: number,
): readonly Override[] {
  if (state === undefined) return [];
  const flags = flagsOf(record);
  return state.overrides.filter(
    (override) =>
      Object.hasOwn(flags, override.name) &&
      !hasEnded(override, uptimeMs) &&
      isAllowed(record, override),
  );
}

/** A fixed record still has its kill switches: nothing may be added to it, only taken away. */
export function isAllowed(record: LiveRecord, { name, enabled }: Override): boolean {
  const flags = flagsOf(record);
  return !enabled || !record.isFixed || (Object.hasOwn(flags, name) && flags[name] === true);
}

/** @param kept the overrides that hold */
export function liveState(
  record: LiveRecord,
  kept: readonly Override[],
  clock: LiveClock,
): LiveState {
  const features: Record<string, boolean> = { ...flagsOf(record) };
  for (const { name, enabled } of kept) features[name] = enabled;
  return Object.freeze({
    generation: record.generation,
    record: record.record,
    features: Object.freeze<Features>(features),
    overrides: Object.freeze(
      kept.map(({ name, enabled, endMs }) =>
        Object.freeze({ name, enabled, endMs: endMs === 0 ? null : wallTime(endMs, clock) }),
      ),
    ),
  });
}

/** When an instant of the uptime clock is by the other clock, as that is set now. */
export function wallTime(uptimeMs: number, clock: LiveClock): number {
  return Math.round(clock.now() + uptimeMs - clock.uptime());
}

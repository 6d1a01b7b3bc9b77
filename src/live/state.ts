/** What programs get to see of a live state. */

import type { File } from "../format/file.ts";
import { flagMask } from "../format/flags.ts";
import { recordToText } from "../format/record.ts";
import type { Features } from "../runtime/config.ts";
import { featureStates } from "../runtime/snapshot.ts";
import {
  type ActiveOverrides,
  activeOverrides,
  applyOverrides,
  NO_OVERRIDES,
  type NextState,
} from "./segment.ts";

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
  /** The file's record without the overrides: 26 hex digits. */
  readonly record: string;
  /** Every flag, with the overrides applied. */
  readonly features: Features;
  readonly overrides: readonly LiveOverride[];
}

/**
 * The overrides of a segment that hold for a file: those that have not ended and, in a frozen
 * record, do not switch on what is off. The segment may be older than the file.
 */
export function keptOverrides(
  file: File,
  state: NextState | undefined,
  nowMs: number,
): ActiveOverrides {
  if (state === undefined) return NO_OVERRIDES;
  const { mask, value, endMs } = activeOverrides(state, nowMs);
  const added = file.frozen ? value & ~file.record.featureFlags : 0;
  return { mask: (mask & ~added) >>> 0, value: (value & ~added) >>> 0, endMs };
}

/** @param endsMs for each flag, when its override ends; 0 = never */
export function liveState(
  file: File,
  active: ActiveOverrides,
  endsMs: readonly number[],
): LiveState {
  const flags = applyOverrides(file.record.featureFlags, active);
  return Object.freeze({
    generation: file.generation,
    record: recordToText(file.record),
    features: Object.freeze<Features>(featureStates(file, flags)),
    overrides: Object.freeze(namedOverrides(file, active, endsMs)),
  });
}

function namedOverrides(
  file: File,
  { mask, value }: ActiveOverrides,
  endsMs: readonly number[],
): LiveOverride[] {
  return file.flags
    .filter(({ bit }) => (mask & flagMask(bit)) !== 0)
    .map(({ bit, name }) => {
      const end = endsMs[bit] ?? 0;
      const enabled = (value & flagMask(bit)) !== 0;
      return Object.freeze({ name, enabled, endMs: end === 0 ? null : end });
    });
}

/** The three changes of a live segment: a published record, an override, the end of one. */

import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { LIVE_OVERRIDE_COUNT_MAX, LIVE_OVERRIDE_MS_MAX } from "../base/limits.ts";
import { didYouMean } from "../base/suggest.ts";
import { type File, isRetired } from "../format/file.ts";
import { type LockOptions, withLock } from "../store/lock.ts";
import { realFilePath } from "../store/real_path.ts";
import { clockOf, type LiveClock } from "./clock.ts";
import { checkFolder, ensureFolder, type Place, requirePlace } from "./place.ts";
import { isSameFile, readFileAndRecord } from "./record.ts";
import { hasEnded, type NextState, type Override } from "./segment.ts";
import { Segment, type WriteAt } from "./segment_file.ts";
import { isAllowed, keptOverrides, type LiveRecord, liveState, wallTime } from "./state.ts";

/** The clocks are the system's by default. */
export interface WriterOptions extends LockOptions, Partial<LiveClock> {
  readonly env: Environment;
  /** A state to start from where the segment has none: what a reader saw last. */
  readonly lastKnown?: NextState | undefined;
  /** How bytes reach the segment; for tests. */
  readonly writeAt?: WriteAt;
}

export interface OverrideOptions extends WriterOptions {
  /** How long the override lives, in milliseconds; for good by default. */
  readonly forMs?: number;
}

/** What a change of overrides did. */
export interface OverrideResult {
  readonly changed: boolean;
  /** What live readers see now. */
  readonly enabled: boolean;
  /** When the override ends, milliseconds since 1970; null when it does not, or there is none. */
  readonly endMs: number | null;
}

/**
 * Brings the file's record to its live segment, and creates the segment where there is none. Does
 * nothing when the segment holds the file's record already.
 *
 * @param path of the file
 * @throws ImmuconfigError `ERR_LIVE`, `ERR_LOCK`, `ERR_UNSUPPORTED`, `ERR_BUSY`, `ERR_WRITE`; what
 * reading the file throws
 */
export async function publish(path: string, options: WriterOptions): Promise<void> {
  const place = requirePlace(realFilePath(path), options.env);
  ensureFolder(place.folder);
  await changeSegment(place, options, () => undefined);
}

/**
 * As `publish`, but only where a segment exists: without one nobody is reading.
 *
 * @returns whether there is one
 */
export async function publishIfLive(path: string, options: WriterOptions): Promise<boolean> {
  const place = requirePlace(realFilePath(path), options.env);
  if (!checkFolder(place.folder)) return false;
  const segment = Segment.open(place.segment);
  segment.close();
  if (!segment.exists) return false;
  await changeSegment(place, options, () => undefined);
  return true;
}

/**
 * Overrides a flag for all live readers, without touching the file.
 *
 * @param path of the file
 * @throws ImmuconfigError `ERR_NOT_FOUND` for a name that is no flag's; `ERR_RETIRED`; `ERR_FROZEN`
 * for switching on what a frozen or signed record has off; `ERR_VALUE`; all that `publish` throws
 * @example await setOverride("bunfig.lockb", "CHECKOUT_V2", false, { env })
 */
export async function setOverride(
  path: string,
  name: string,
  enabled: boolean,
  options: OverrideOptions,
): Promise<OverrideResult> {
  const { forMs } = options;
  if (forMs !== undefined && !(forMs > 0 && forMs <= LIVE_OVERRIDE_MS_MAX)) {
    throw new ImmuconfigError("ERR_VALUE", `an override cannot live for ${forMs} ms`, {
      hint: "Give a time above zero and up to 366 days.",
    });
  }
  const clock = clockOf(options);
  return changeOverride(path, name, options, (overrides, { file, record }) => {
    const endMs = forMs === undefined ? 0 : Math.ceil(clock.uptime() + forMs);
    const wanted: Override = { name, enabled, endMs };
    checkMayBeSet(file, record, wanted);
    const there = overrides.find((override) => override.name === name);
    if (there?.enabled === enabled && there.endMs === 0 && endMs === 0) return undefined;
    const others = overrides.filter((override) => override !== there);
    if (others.length >= LIVE_OVERRIDE_COUNT_MAX) throw tooMany();
    return [...others, wanted].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  });
}

/**
 * Takes a flag's override away: the record decides again.
 *
 * @throws ImmuconfigError as `setOverride`, but for `ERR_FROZEN` and `ERR_RETIRED`
 */
export function unsetOverride(
  path: string,
  name: string,
  options: WriterOptions,
): Promise<OverrideResult> {
  return changeOverride(path, name, options, (overrides) => {
    const others = overrides.filter((override) => override.name !== name);
    return others.length === overrides.length ? undefined : others;
  });
}

/** Gives the overrides as they shall be; undefined to change nothing. */
type OverrideEdit = (
  overrides: readonly Override[],
  read: { readonly file: File; readonly record: LiveRecord },
) => readonly Override[] | undefined;

async function changeOverride(
  path: string,
  name: string,
  options: WriterOptions,
  edit: OverrideEdit,
): Promise<OverrideResult> {
  const clock = clockOf(options);
  const place = requirePlace(realFilePath(path), options.env);
  ensureFolder(place.folder);
  let changed = false;
  const { state, record } = await changeSegment(place, options, (overrides, read) => {
    checkIsFlag(read.file, name);
    const edited = edit(overrides, read);
    changed = edited !== undefined;
    return edited;
  });
  const kept = keptOverrides(record, state, clock.uptime());
  const endMs = kept.find((override) => override.name === name)?.endMs ?? 0;
  const states: Readonly<Record<string, boolean>> = liveState(record, kept, clock).features;
  return {
    changed,
    enabled: states[name] === true,
    endMs: endMs === 0 ? null : wallTime(endMs, clock),
  };
}

/**
 * Under the lock: publishes the file's record where the segment has another, drops ended
 * overrides, repairs what a dead writer left, and applies an edit.
 *
 * @returns the segment's state, and the record that it was brought to
 */
function changeSegment(
  place: Place,
  options: WriterOptions,
  edit: OverrideEdit,
): Promise<{ readonly state: NextState; readonly record: LiveRecord }> {
  const { env, lastKnown, writeAt } = options;
  const clock = clockOf(options);
  const change = () => {
    const { file, record } = readFileAndRecord(place.file, env);
    const segment = Segment.open(place.segment);
    try {
      const { recovered } = segment;
      const base = baseState(record, recovered.state ?? lastKnown, clock);
      const overrides = edit(base.overrides, { file, record });
      const state = overrides === undefined ? base : { ...base, overrides };
      if (state !== recovered.state || recovered.condition !== "whole") {
        segment.commit(state, writeAt);
      }
      return { state, record };
    } finally {
      segment.close();
    }
  };
  return withLock(place.folder, change, options);
}

/** A known state, brought up to date with the file and the clock; the same object if it was. */
function baseState(record: LiveRecord, state: NextState | undefined, clock: LiveClock): NextState {
  const { identity } = record;
  const all = state?.overrides ?? [];
  const uptimeMs = all.length === 0 ? 0 : clock.uptime();
  const left = all.filter(
    (override) => !hasEnded(override, uptimeMs) && isAllowed(record, override),
  );
  const isCurrent = state !== undefined && isSameFile(identity, state.identity);
  if (isCurrent && left.length === all.length) return state;
  return { identity, overrides: left };
}

function checkIsFlag(file: File, name: string): void {
  const names = file.flags.map((flag) => flag.name);
  if (names.includes(name)) return;
  throw new ImmuconfigError("ERR_NOT_FOUND", `there is no flag ${name}`, {
    hint: `${didYouMean(name, names)}See \`bun-config feature list\`.`,
  });
}

function checkMayBeSet(file: File, record: LiveRecord, override: Override): void {
  const { name } = override;
  if (isRetired(file, name)) {
    throw new ImmuconfigError("ERR_RETIRED", `${name} is retired`, {
      hint: "A retired flag cannot be switched.",
    });
  }
  if (isAllowed(record, override)) return;
  const [kind, way] = file.frozen
    ? ["frozen", "Thaw it first."]
    : ["signed", "Who may sign it may switch it on."];
  throw new ImmuconfigError("ERR_FROZEN", `the record is ${kind}, and ${name} is off in it`, {
    hint: `A ${kind} record's flags can be switched off live, not on. ${way}`,
  });
}

function tooMany(): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_VALUE",
    `${LIVE_OVERRIDE_COUNT_MAX} flags are overridden already, the most that there can be`,
    { hint: "Take one away with `bun-config live unset`." },
  );
}

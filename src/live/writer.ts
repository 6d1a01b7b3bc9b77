/** The three changes of a live segment: a published record, an override, the end of one. */

import { closeSync } from "node:fs";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { LIVE_OVERRIDE_COUNT_MAX, LIVE_OVERRIDE_MS_MAX } from "../base/limits.ts";
import { findFlag } from "../format/edit/switch_flags.ts";
import { retiredFlag } from "../format/flags.ts";
import { type File, isRetired } from "../format/file.ts";
import { type LockOptions, withLock, withLockNow } from "../store/lock.ts";
import { realFilePath } from "../store/real_path.ts";
import { clockOf, type LiveClock } from "./clock.ts";
import { ensureFolder, type Place, requirePlace } from "./place.ts";
import {
  countOf,
  findReaders,
  keyOf,
  openReadFolder,
  openReadSegment,
  type ReadSegment,
} from "./reach.ts";
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
  /** Refuse, with nothing changed, when no process would see it. */
  readonly mustReach?: boolean;
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
  /** How many processes read the flags of this project; null where the system does not tell. */
  readonly readers: number | null;
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
  await changeSegment(preparedPlace(path, options), options, () => undefined);
}

/** As `publish`, at once: the thread waits for the lock. */
export function publishNow(path: string, options: WriterOptions): void {
  const place = preparedPlace(path, options);
  const change = () => applyTo(Segment.open(place.segment), place, options, () => undefined);
  withLockNow(place.folder, change, options);
}

/** Where a file's segment is, in a folder that is there. */
function preparedPlace(path: string, { env }: WriterOptions): Place {
  const place = requirePlace(realFilePath(path), env);
  ensureFolder(place.folder);
  return place;
}

/**
 * Brings the file's record to the segment of a place, if it exists.
 *
 * @returns whether it does
 * @throws ImmuconfigError as `publish`
 */
export async function publishToSegment(place: Place, options: WriterOptions): Promise<boolean> {
  const segment = Segment.open(place.segment);
  segment.close();
  if (!segment.exists) return false;
  await changeSegment(place, options, () => undefined);
  return true;
}

/**
 * Overrides a flag for all live readers, without touching the file: in the segment of this user, and
 * in every other that a process of this project on the host reads and this user may write.
 *
 * @param path of the file
 * @throws ImmuconfigError `ERR_NOT_FOUND` for a name that is no flag's; `ERR_RETIRED`; `ERR_FROZEN`
 * for switching on what a frozen or signed record has off; `ERR_VALUE`; `ERR_NO_READER`; all that
 * `publish` throws
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
    const wanted = overrideOf({ name, enabled, ...(forMs === undefined ? {} : { forMs }) }, clock);
    const { endMs } = wanted;
    checkMayBeSet(file, record, wanted);
    const there = overrides.find((override) => override.name === name);
    if (there?.enabled === enabled && there.endMs === 0 && endMs === 0) return undefined;
    const others = overrides.filter((override) => override !== there);
    return together(others, [wanted]);
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
  options: OverrideOptions,
): Promise<OverrideResult> {
  const isThere = (override: Override): boolean => override.name === name;
  return changeOverride(path, name, options, (overrides) =>
    overrides.some(isThere) ? overrides.filter((override) => !isThere(override)) : undefined,
  );
}

/** One override as somebody wants it. */
export interface WantedOverride {
  readonly name: string;
  readonly enabled: boolean;
  /** How much longer it lives, in milliseconds; nothing for good. */
  readonly forMs?: number;
}

export interface AppliedOverrides {
  /** The names of those that are in force now. */
  readonly applied: readonly string[];
  /** The names of those that the record does not know, or does not let be switched. */
  readonly refused: readonly string[];
}

/**
 * Puts a whole set of overrides in the place of an earlier one, in one change. Overrides that neither
 * set holds stay.
 *
 * @param formerly the names that the earlier set held
 * @throws ImmuconfigError `ERR_VALUE` when there are too many; all that `publish` throws
 */
export async function replaceOverrides(
  path: string,
  wanted: readonly WantedOverride[],
  formerly: readonly string[],
  options: WriterOptions,
): Promise<AppliedOverrides> {
  const clock = clockOf(options);
  const place = preparedPlace(path, options);
  const names = new Set([...formerly, ...wanted.map(({ name }) => name)]);
  let applied: readonly Override[] = [];
  await changeSegment(place, options, (overrides, { file, record }) => {
    applied = wanted
      .map((one) => overrideOf(one, clock))
      .filter((override) => mayBeSet(file, record, override));
    return together(
      overrides.filter(({ name }) => !names.has(name)),
      applied,
    );
  });
  const inForce = new Set(applied.map(({ name }) => name));
  return {
    applied: [...inForce],
    refused: wanted.flatMap(({ name }) => (inForce.has(name) ? [] : [name])),
  };
}

function overrideOf({ name, enabled, forMs }: WantedOverride, clock: LiveClock): Override {
  return { name, enabled, endMs: forMs === undefined ? 0 : Math.ceil(clock.uptime() + forMs) };
}

/** @throws ImmuconfigError `ERR_VALUE` for more than there can be */
function together(others: readonly Override[], added: readonly Override[]): readonly Override[] {
  if (others.length + added.length > LIVE_OVERRIDE_COUNT_MAX) throw tooMany();
  return [...others, ...added].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function mayBeSet(file: File, record: LiveRecord, override: Override): boolean {
  const { name } = override;
  const isKnown = file.flags.some((flag) => flag.name === name);
  return isKnown && !isRetired(file, name) && isAllowed(record, override);
}

/** Gives the overrides as they shall be; undefined to change nothing. */
type OverrideEdit = (
  overrides: readonly Override[],
  read: { readonly file: File; readonly record: LiveRecord },
) => readonly Override[] | undefined;

async function changeOverride(
  path: string,
  name: string,
  options: OverrideOptions,
  edit: OverrideEdit,
): Promise<OverrideResult> {
  const clock = clockOf(options);
  const place = requirePlace(realFilePath(path), options.env);
  const found = findReaders(place.file);
  const readers = found && countOf(found);
  let changed = false;
  const checked: OverrideEdit = (overrides, read) => {
    findFlag(read.file, name);
    const edited = edit(overrides, read);
    if (edited === undefined) return undefined;
    if (readers === 0 && options.mustReach === true && isGained(overrides, edited)) {
      throw noReader(place.file);
    }
    changed = true;
    return edited;
  };
  ensureFolder(place.folder);
  const { state, record } = await changeSegment(place, options, checked);
  const own = keyOf(place);
  for (const segment of found ?? []) {
    if (segment.key !== own) await changeReadSegment(segment, place, options, checked);
  }
  if (readers === 0 && options.mustReach === true && !changed) throw noReader(place.file);
  const kept = keptOverrides(record, state, clock.uptime());
  const endMs = kept.find((override) => override.name === name)?.endMs ?? 0;
  const states: Readonly<Record<string, boolean>> = liveState(record, kept, clock).features;
  return {
    changed,
    enabled: states[name] === true,
    endMs: endMs === 0 ? null : wallTime(endMs, clock),
    readers: readers ?? null,
  };
}

/** Whether an edit sets an override, and not only takes one away. */
function isGained(before: readonly Override[], after: readonly Override[]): boolean {
  return after.some((override) => !before.includes(override));
}

/** What a segment was brought to. */
interface Changed {
  readonly state: NextState;
  readonly record: LiveRecord;
}

/**
 * Under the lock: publishes the file's record where the segment has another, drops ended
 * overrides, repairs what a dead writer left, and applies an edit.
 */
function changeSegment(place: Place, options: WriterOptions, edit: OverrideEdit): Promise<Changed> {
  const change = () => applyTo(Segment.open(place.segment), place, options, edit);
  return withLock(place.folder, change, options);
}

/** The same in a segment that lies elsewhere, which must be whole. */
async function changeReadSegment(
  segment: ReadSegment,
  place: Place,
  options: WriterOptions,
  edit: OverrideEdit,
): Promise<void> {
  const folder = openReadFolder(segment);
  if (folder === undefined) throw cannotReach(segment);
  try {
    await withLock(`/proc/self/fd/${folder}`, change, options);
  } finally {
    closeSync(folder);
  }
  function change(): Changed {
    const opened = openReadSegment(segment);
    if (opened?.recovered.state === undefined) {
      opened?.close();
      throw cannotReach(segment);
    }
    return applyTo(opened, place, { ...options, lastKnown: undefined }, edit);
  }
}

/** Changes a segment and closes it. */
function applyTo(
  segment: Segment,
  place: Place,
  options: WriterOptions,
  edit: OverrideEdit,
): Changed {
  const { env, lastKnown, writeAt } = options;
  try {
    const { file, record } = readFileAndRecord(place.file, env);
    const { recovered } = segment;
    const base = baseState(record, recovered.state ?? lastKnown, clockOf(options));
    const overrides = edit(base.overrides, { file, record });
    const state = overrides === undefined ? base : { ...base, overrides };
    if (state !== recovered.state || recovered.condition !== "whole") {
      segment.commit(state, writeAt);
    }
    return { state, record };
  } finally {
    segment.close();
  }
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

function checkMayBeSet(file: File, record: LiveRecord, override: Override): void {
  const { name } = override;
  if (isRetired(file, name)) throw retiredFlag(name, "A retired flag cannot be switched.");
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

function noReader(file: string): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_NO_READER",
    `no process that you may reach reads the live flags of ${file}`,
    {
      hint: "Run it as the user of the service, or as root; --even-if-nobody sets it for processes that start later.",
    },
  );
}

function cannotReach({ processes }: ReadSegment): ImmuconfigError {
  const which = processes.length === 1 ? "process" : "processes";
  return new ImmuconfigError(
    "ERR_LIVE",
    `the live segment of ${which} ${processes.join(", ")} cannot be changed`,
    { hint: "It is damaged, or belongs to another user. Its own readers repair it." },
  );
}

/** The three changes of a live segment: a published record, an override, the end of one. */

import { closeSync } from "node:fs";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { type File, isRetired } from "../format/file.ts";
import { flagMask } from "../format/flags.ts";
import { encodeRecord } from "../format/record.ts";
import { FLAG_COUNT_MAX, LIVE_OVERRIDE_MS_MAX } from "../base/limits.ts";
import { type LockOptions, withLock } from "../store/lock.ts";
import { realFilePath } from "../store/real_path.ts";
import { didYouMean } from "../base/suggest.ts";
import { isSameFile, readRepositoryFile, type RepositoryFile } from "./repository.ts";
import { activeOverrides, applyOverrides, type NextState } from "./segment.ts";
import { commitState, openSegment, recoverSegment, type WriteAt } from "./segment_file.ts";
import { checkFolder, ensureFolder, runtimeFolder, segmentPath } from "./segment_path.ts";
import { keptOverrides } from "./state.ts";

export interface WriterOptions extends LockOptions {
  readonly env: Environment;
  /** Milliseconds since 1970. */
  readonly now: () => number;
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

/** The folder, the real path and the segment's path of a file. */
interface Place {
  readonly folder: string;
  readonly file: string;
  readonly segment: string;
}

/**
 * Brings the file's record to its live segment, and creates the segment where there is none. Does
 * nothing when the segment holds the file's record already.
 *
 * @param path of the file
 * @throws ImmuconfigError `ERR_LIVE`, `ERR_LOCK`, `ERR_BUSY`, `ERR_WRITE`; what reading the file
 * throws
 */
export async function publish(path: string, options: WriterOptions): Promise<void> {
  const place = placeOf(path, options.env);
  ensureFolder(place.folder);
  await changeSegment(place, options, () => undefined);
}

/**
 * As `publish`, but only where a segment exists: without one nobody is reading.
 *
 * @returns whether there is one
 */
export async function publishIfLive(path: string, options: WriterOptions): Promise<boolean> {
  const place = placeOf(path, options.env);
  if (!checkFolder(place.folder)) return false;
  const descriptor = openSegment(place.segment);
  if (descriptor === undefined) return false;
  closeSync(descriptor);
  await changeSegment(place, options, () => undefined);
  return true;
}

/**
 * Overrides a flag for all live readers, without touching the file.
 *
 * @param path of the file
 * @throws ImmuconfigError `ERR_NOT_FOUND` for a name that is no flag's; `ERR_RETIRED`; `ERR_FROZEN`
 * for switching on what a frozen record has off; `ERR_VALUE`; all that `publish` throws
 * @example await setOverride("bunfig.lockb", "CHECKOUT_V2", false, { env, now: Date.now })
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
  return changeOverride(path, name, options, (base, mask, file) => {
    if (isRetired(file, name)) {
      throw new ImmuconfigError("ERR_RETIRED", `${name} is retired`, {
        hint: "A retired flag cannot be switched.",
      });
    }
    // A frozen record still has its kill switches: nothing may be added to it, only taken away.
    if (enabled && file.frozen && (file.record.featureFlags & mask) === 0) {
      throw new ImmuconfigError("ERR_FROZEN", `the record is frozen, and ${name} is off in it`, {
        hint: "A frozen record's flags can be switched off live, not on. Thaw it first.",
      });
    }
    const endMs = forMs === undefined ? 0 : options.now() + forMs;
    const isThere =
      (base.overrideMask & mask) !== 0 && ((base.overrideValue & mask) !== 0) === enabled;
    if (isThere && endMs === 0 && endOf(base, mask) === 0) return undefined;
    return {
      overrideMask: (base.overrideMask | mask) >>> 0,
      overrideValue: ((base.overrideValue & ~mask) | (enabled ? mask : 0)) >>> 0,
      expiresMs: withEnd(base, mask, endMs),
    };
  });
}

/**
 * Takes a flag's override away: the record decides again.
 *
 * @throws ImmuconfigError as `setOverride`, but for `ERR_FROZEN` and `ERR_RETIRED`
 */
export async function unsetOverride(
  path: string,
  name: string,
  options: WriterOptions,
): Promise<OverrideResult> {
  return changeOverride(path, name, options, (base, mask) => {
    if ((base.overrideMask & mask) === 0) return undefined;
    return {
      overrideMask: (base.overrideMask & ~mask) >>> 0,
      overrideValue: (base.overrideValue & ~mask) >>> 0,
      expiresMs: withEnd(base, mask, 0),
    };
  });
}

type OverrideEdit = (
  base: NextState,
  mask: number,
  file: File,
) => Pick<NextState, "overrideMask" | "overrideValue" | "expiresMs"> | undefined;

async function changeOverride(
  path: string,
  name: string,
  options: WriterOptions,
  edit: OverrideEdit,
): Promise<OverrideResult> {
  const place = placeOf(path, options.env);
  ensureFolder(place.folder);
  let mask = 0;
  let changed = false;
  const state = await changeSegment(place, options, (base, file) => {
    mask = maskOf(file, name);
    const edited = edit(base, mask, file);
    changed = edited !== undefined;
    return edited && { ...base, ...edited, changedMs: options.now() };
  });
  const enabled = (applyOverrides(state.flags, activeOverrides(state, options.now())) & mask) !== 0;
  const endMs = endOf(state, mask);
  return { changed, enabled, endMs: endMs === 0 ? null : endMs };
}

/**
 * Under the lock: publishes the file's record where the segment has another, drops ended
 * overrides, repairs what a dead writer left, and applies an edit.
 *
 * @param edit gives undefined to change nothing
 * @returns the segment's state
 */
async function changeSegment(
  place: Place,
  options: WriterOptions,
  edit: (base: NextState, file: File) => NextState | undefined,
): Promise<NextState> {
  const change = (): NextState => {
    const repository = readRepositoryFile(place.file, options.env);
    const descriptor = openSegment(place.segment);
    try {
      const recovered = recoverSegment(descriptor);
      const known = recovered.state ?? options.lastKnown;
      const base = baseState(repository, known, options.now());
      const edited = edit(base, repository.file);
      const next = edited ?? base;
      if (next !== recovered.state || recovered.condition !== "whole") {
        commitState(place.segment, descriptor, recovered, next, options.writeAt);
      }
      return next;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  };
  return withLock(place.folder, change, options);
}

/** A known state, brought up to date with the file and the clock; the same object if it was. */
function baseState(
  { identity, file }: RepositoryFile,
  state: NextState | undefined,
  nowMs: number,
): NextState {
  const isPublished = state !== undefined && isSameFile(identity, state.identity);
  const kept = keptOverrides(file, state, nowMs);
  if (isPublished && kept.mask === state.overrideMask) return state;
  return {
    generation: file.generation,
    flags: file.record.featureFlags,
    record: encodeRecord(file.record),
    identity,
    publishedMs: isPublished ? state.publishedMs : nowMs,
    overrideMask: kept.mask,
    overrideValue: kept.value,
    changedMs: state?.changedMs ?? 0,
    expiresMs: Array.from({ length: FLAG_COUNT_MAX }, (_, bit) =>
      (kept.mask & flagMask(bit)) === 0 ? 0 : (state?.expiresMs[bit] ?? 0),
    ),
  };
}

function placeOf(path: string, env: Environment): Place {
  const folder = runtimeFolder(env);
  if (folder === undefined) {
    throw new ImmuconfigError("ERR_UNSUPPORTED", "this platform has no live segments", {
      hint: "Change flags live on Linux or macOS.",
    });
  }
  const file = realFilePath(path);
  return { folder, file, segment: segmentPath(folder, file) };
}

function maskOf(file: File, name: string): number {
  const flag = file.flags.find((candidate) => candidate.name === name);
  if (flag !== undefined) return flagMask(flag.bit);
  const names = file.flags.map((candidate) => candidate.name);
  throw new ImmuconfigError("ERR_NOT_FOUND", `there is no flag ${name}`, {
    hint: `${didYouMean(name, names)}See \`bun-config feature list\`.`,
  });
}

function endOf(state: NextState, mask: number): number {
  return state.expiresMs[31 - Math.clz32(mask)] ?? 0;
}

function withEnd(state: NextState, mask: number, endMs: number): number[] {
  return state.expiresMs.map((end, bit) => (flagMask(bit) === mask ? endMs : end));
}

/** Three-way merging of values and sets; what cannot be joined is collected. Pure. */

import { compareBytes } from "../bytes.ts";
import { PACKAGE_RECORD_SIZE } from "../layout.ts";

/** The same thing in the common ancestor and on both sides. */
export interface Versions<T> {
  readonly base: T | undefined;
  readonly ours: T;
  readonly theirs: T;
}

/** Something that both sides changed, and differently. */
export interface MergeConflict {
  readonly field: string;
  readonly ours: string;
  readonly theirs: string;
}

/**
 * What becomes of a conflict: one side's value; where two flags share a bit, another bit for
 * theirs (`move`) or for ours (`move-ours`).
 */
export const CHOICES = ["ours", "theirs", "move", "move-ours"] as const;
export type Choice = (typeof CHOICES)[number];

/** Settles conflicts. */
export interface Settlement {
  /** undefined leaves a conflict open. */
  readonly choose: (conflict: MergeConflict) => Choice | undefined;
  /** Takes the conflicts that stay open. */
  readonly open: MergeConflict[];
}

/**
 * Settles one conflict; ours stands in for one that stays open.
 *
 * @param allowed the choices that this conflict can be settled by
 */
export function settle<Allowed extends Choice>(
  { choose, open }: Settlement,
  conflict: MergeConflict,
  allowed: readonly Allowed[],
): Allowed | undefined {
  const choice = choose(conflict);
  const found = allowed.find((candidate) => candidate === choice);
  if (found === undefined) open.push(conflict);
  return found;
}

/** The choices for a single value. */
export const SIDES = ["ours", "theirs"] as const;

/** Applies a function to each version; an ancestor that is missing stays missing. */
export function mapVersions<T, U>(versions: Versions<T>, read: (version: T) => U): Versions<U> {
  const { base, ours, theirs } = versions;
  return {
    base: base === undefined ? undefined : read(base),
    ours: read(ours),
    theirs: read(theirs),
  };
}

/**
 * Takes the side that changed. When both did, and differently, that is a conflict.
 *
 * @param text of a value: equal texts mean equal values
 */
export function pick<T>(
  settlement: Settlement,
  field: string,
  { base, ours, theirs }: Versions<T>,
  text: (value: T & {}) => string = String,
): T {
  const [b, o, t] = [base, ours, theirs].map((value) =>
    value === undefined || value === null ? undefined : text(value),
  );
  if (o === t || b === t) return ours;
  if (b === o) return theirs;
  const conflict = { field, ours: o ?? "none", theirs: t ?? "none" };
  return settle(settlement, conflict, SIDES) === "theirs" ? theirs : ours;
}

/** {@link pick} for every member of string maps. */
export function pickMembers(
  settlement: Settlement,
  fieldOf: (key: string) => string,
  versions: Versions<Readonly<Record<string, string>>>,
): Record<string, string> {
  const { base = {}, ours, theirs } = versions;
  const merged: Record<string, string> = {};
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const value = pick(settlement, fieldOf(key), {
      base: base[key],
      ours: ours[key],
      theirs: theirs[key],
    });
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

/** Joins sets: what either side added is in, what either side removed is out. */
export function joinSets(versions: Versions<readonly string[]>): string[] {
  const { base, ours, theirs } = mapVersions(versions, (list) => new Set(list));
  return [...new Set([...versions.ours, ...versions.theirs])]
    .filter((item) => isKept(base?.has(item) ?? false, ours.has(item), theirs.has(item)))
    .toSorted();
}

/** {@link joinSets} for package records: 32 bytes each, in ascending order. */
export function joinPackages(versions: Versions<Uint8Array>): Uint8Array {
  const base = new Cursor(versions.base ?? new Uint8Array());
  const ours = new Cursor(versions.ours);
  const theirs = new Cursor(versions.theirs);
  const merged = new Uint8Array(versions.ours.length + versions.theirs.length);
  let size = 0;
  for (;;) {
    const record = smaller(ours.record, theirs.record);
    if (record === undefined) return merged.slice(0, size);
    while (base.record !== undefined && compareBytes(base.record, record) < 0) base.next();
    const [inOurs, inTheirs] = [ours.takeIf(record), theirs.takeIf(record)];
    if (!isKept(base.takeIf(record), inOurs, inTheirs)) continue;
    merged.set(record, size);
    size += PACKAGE_RECORD_SIZE;
  }
}

function isKept(inBase: boolean, inOurs: boolean, inTheirs: boolean): boolean {
  return inBase ? inOurs && inTheirs : inOurs || inTheirs;
}

function smaller(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareBytes(a, b) <= 0 ? a : b;
}

/** Walks over package records. */
class Cursor {
  record: Uint8Array | undefined;
  readonly #records: Uint8Array;
  #at = 0;

  constructor(records: Uint8Array) {
    this.#records = records;
    this.#read();
  }

  next(): void {
    this.#at += PACKAGE_RECORD_SIZE;
    this.#read();
  }

  /** Steps over a record if it is the next one. */
  takeIf(record: Uint8Array): boolean {
    if (this.record === undefined || compareBytes(this.record, record) !== 0) return false;
    this.next();
    return true;
  }

  #read(): void {
    const end = this.#at + PACKAGE_RECORD_SIZE;
    this.record = end <= this.#records.length ? this.#records.subarray(this.#at, end) : undefined;
  }
}

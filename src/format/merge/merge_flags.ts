/** The flags' part of a merge. Pure. */

import { unnamedBits } from "../describe/facts.ts";
import { type File, flagMeta } from "../file.ts";
import { type FlagSet, flagSet, hasFlag } from "../flag_set.ts";
import { type FlagEntry, foldName } from "../flags.ts";
import { freeBit } from "../free_bit.ts";
import type { FlagMeta } from "../meta.ts";
import {
  CHOICES,
  mapVersions,
  pick,
  pickMembers,
  type Settlement,
  settle,
  SIDES,
  type Versions,
} from "./three_way.ts";

/** What the name of a conflict about a bit starts with. */
export const BIT_FIELD = "bit.";

export interface MergedFlags {
  readonly flags: readonly FlagEntry[];
  readonly featureFlags: FlagSet;
  /** By flag name; only flags that have some. */
  readonly meta: Readonly<Record<string, FlagMeta>>;
}

interface Flag extends FlagEntry {
  readonly on: boolean;
  readonly meta: FlagMeta;
}

/**
 * Joins flags by name: bit, state, description, owner and expiry date each for itself. Retiring
 * wins over a change of state.
 *
 * @param notes takes a line for every change that another one overrules
 */
export function mergeFlags(
  versions: Versions<File>,
  settlement: Settlement,
  notes: string[],
): MergedFlags {
  const tables = mapVersions(versions, flagsByName);
  const joined: Flag[] = [];
  for (const name of new Set([...tables.ours.keys(), ...tables.theirs.keys()])) {
    const flag = mergeFlag(
      name,
      mapVersions(tables, (table) => table.get(name)),
      settlement,
      notes,
    );
    if (flag !== undefined) joined.push(flag);
  }
  const distinct = settleSharedNames(joined, tables, settlement).toSorted((a, b) => a.bit - b.bit);
  const unnamed = new Set(mergeUnnamedBits(versions, settlement));
  const merged = settleSharedBits(distinct, unnamed, tables, settlement);
  const on = [...merged.filter((flag) => flag.on).map((flag) => flag.bit), ...unnamed];
  return {
    flags: merged.map(({ bit, name }) => ({ bit, name })),
    featureFlags: flagSet(on),
    meta: Object.fromEntries(
      merged
        .filter(({ meta }) => Object.keys(meta).length > 0)
        .map(({ name, meta }) => [name, meta]),
    ),
  };
}

type FlagTable = ReadonlyMap<string, Flag>;

function flagsByName(file: File): FlagTable {
  return new Map(
    file.flags.map(({ bit, name }) => {
      const on = hasFlag(file.record.featureFlags, bit);
      return [name, { bit, name, on, meta: flagMeta(file, name) }];
    }),
  );
}

function mergeFlag(
  name: string,
  versions: Versions<Flag | undefined>,
  settlement: Settlement,
  notes: string[],
): Flag | undefined {
  const { base, ours, theirs } = versions;
  const field = `features.${name}`;
  if (ours === undefined || theirs === undefined) {
    return pick(settlement, field, versions, flagText);
  }
  const both: Versions<Flag> = { base, ours, theirs };
  return {
    name,
    bit: pick(
      settlement,
      `${field} bit`,
      mapVersions(both, ({ bit }) => bit),
    ),
    on: mergeState(field, both, settlement, notes),
    meta: mergeFlagMeta(field, both, settlement),
  };
}

function mergeState(
  field: string,
  { base, ours, theirs }: Versions<Flag>,
  settlement: Settlement,
  notes: string[],
): boolean {
  const states = mapVersions({ base, ours, theirs }, ({ on }) => on);
  const wasRetired = base?.meta.retired === true;
  if (wasRetired || ours.meta.retired === theirs.meta.retired) {
    return pick(settlement, field, states, (on) => (on ? "on" : "off"));
  }
  const [retired, other] = ours.meta.retired === true ? [ours, theirs] : [theirs, ours];
  if (other.on !== (base?.on ?? retired.on)) {
    notes.push(
      `${ours.name} was switched ${other.on ? "on" : "off"} on one side and retired on the other: it is retired`,
    );
  }
  return retired.on;
}

function mergeFlagMeta(field: string, versions: Versions<Flag>, settlement: Settlement): FlagMeta {
  const texts = mapVersions(versions, ({ meta }) => textsOf(meta));
  const members = pickMembers(settlement, (key) => `${field} ${key}`, texts);
  const retired = pick(
    settlement,
    `${field} retired`,
    mapVersions(versions, ({ meta }) => meta.retired),
  );
  return retired === undefined ? members : { ...members, retired };
}

function textsOf({ description, owner, expires, live }: FlagMeta): Record<string, string> {
  return {
    ...(description === undefined ? {} : { description }),
    ...(owner === undefined ? {} : { owner }),
    ...(expires === undefined ? {} : { expires }),
    ...(live === undefined ? {} : { live }),
  };
}

/** Bits that are on without a name: newer tools may know them. */
function mergeUnnamedBits(versions: Versions<File>, settlement: Settlement): number[] {
  const sets = mapVersions(versions, (file) => new Set(unnamedBits(file)));
  return [...new Set([...sets.ours, ...sets.theirs])].filter((bit) =>
    pick(
      settlement,
      `bit ${bit}`,
      mapVersions(sets, (bits) => bits.has(bit)),
      (on) => (on ? "on" : "off"),
    ),
  );
}

/** Names that differ by case alone are one name to people: one side's flag stays. */
function settleSharedNames(
  joined: readonly Flag[],
  tables: Versions<FlagTable>,
  settlement: Settlement,
): Flag[] {
  return [...new Set(joined.map(({ name }) => foldName(name)))].flatMap((folded) => {
    const flags = joined.filter(({ name }) => foldName(name) === folded);
    if (flags.length === 1) return flags;
    const namesIn = (table: FlagTable): string =>
      flags.flatMap(({ name }) => (table.has(name) ? [name] : [])).join(", ");
    const [ours, theirs] = [namesIn(tables.ours), namesIn(tables.theirs)];
    const field = `features.${folded}`;
    const choice = settle(settlement, { field, ours, theirs }, SIDES);
    const kept = choice === "theirs" ? tables.theirs : tables.ours;
    return flags.filter(({ name }) => kept.has(name));
  });
}

/**
 * A bit means one flag for ever, so two branches cannot give it to different flags (docs/git.md):
 * one keeps the bit, and another moves or is left out.
 *
 * @param unnamed loses the bits that a flag gets
 * @returns flags of which no two share a bit
 */
function settleSharedBits(
  merged: readonly Flag[],
  unnamed: Set<number>,
  tables: Versions<FlagTable>,
  settlement: Settlement,
): Flag[] {
  const kept: Flag[] = [];
  const moving: Flag[] = [];
  for (const bit of new Set(merged.map((flag) => flag.bit))) {
    const flags = merged.filter((flag) => flag.bit === bit);
    if (flags.length === 1 && !unnamed.has(bit)) {
      kept.push(...flags);
      continue;
    }
    const [ours, theirs] = [ownerOf(tables.ours, bit), ownerOf(tables.theirs, bit)];
    const conflict = {
      field: `${BIT_FIELD}${bit}`,
      ours: ours ?? "no flag",
      theirs: theirs ?? "no flag",
    };
    const choice = settle(settlement, conflict, CHOICES);
    const stays = choice === "theirs" || choice === "move-ours" ? theirs : ours;
    for (const flag of flags) {
      if (flag.name === stays) kept.push(flag);
      else if (choice === "move" || choice === "move-ours") moving.push(flag);
    }
    if (stays !== undefined) unnamed.delete(bit);
  }
  for (const flag of moving) {
    const taken = new Set([...kept.map(({ bit }) => bit), ...unnamed]);
    kept.push({ ...flag, bit: freeBit(flag.name, taken, kept.length) });
  }
  return kept.toSorted((a, b) => a.bit - b.bit);
}

function ownerOf(flags: FlagTable, bit: number): string | undefined {
  return [...flags.values()].find((flag) => flag.bit === bit)?.name;
}

function flagText({ bit, on, meta }: Flag): string {
  const words = Object.entries(textsOf(meta)).map(
    ([key, text]) => `${key} ${JSON.stringify(text)}`,
  );
  const state = meta.retired === true ? "retired" : "defined";
  return [`${state} at bit ${bit}`, on ? "on" : "off", ...words].join(", ");
}

/** The builds that a ledger takes, and what their sizes add up to; who builds is the caller's to say. */

import { mapBounded } from "../parallel.ts";
import type { BuildSizes, BundleSize } from "./build_sizes.ts";
import type { FlagPair, SourceFlags } from "./source_flags.ts";

interface ModuleSize {
  /** As the bundler names it: relative to the working folder. */
  readonly path: string;
  readonly bytes: number;
}

export interface LedgerEntry {
  readonly name: string;
  /** In the record. */
  readonly enabled: boolean;
  /** What turning the flag off takes away, the others being as the record says. */
  readonly removes: BundleSize;
  /** Modules that go with it, largest first. */
  readonly modules: readonly ModuleSize[];
}

/** Two flags whose removals do not add up. */
export interface Interaction {
  readonly flags: FlagPair;
  /** Bytes that turning both off removes beyond the sum of what each removes; can be negative. */
  readonly raw: number;
  readonly gzip: number;
}

export interface Ledger {
  readonly total: BundleSize;
  readonly modules: number;
  /** Largest first. */
  readonly flags: readonly LedgerEntry[];
  readonly interactions: readonly Interaction[];
  readonly builds: number;
  /** Components, which Bun takes for files: what their flags cost is not in these figures. */
  readonly uncounted: readonly string[];
}

/** What a ledger is made of. */
export interface LedgerSource<Built extends BuildSizes> {
  /** Of the flags, each once. */
  readonly names: readonly string[];
  /** Whether the record has a flag on. */
  readonly isOn: (name: string) => boolean;
  /** As the record says. */
  readonly base: Built;
  /** Builds with some flags otherwise. */
  readonly measure: (states: Readonly<Record<string, boolean>>) => Promise<Built>;
  /** What the sources of builds ask for, by their paths. */
  readonly asked: (builds: readonly Built[]) => ReadonlyMap<string, SourceFlags>;
  /** Builds at once. */
  readonly parallelMax: number;
}

/** Pairs beyond these are not built. */
const PAIR_COUNT_MAX = 64;

/** Has it built once for each flag turned round, and once more for each pair of flags that nest. */
export async function makeLedger<Built extends BuildSizes>(
  source: LedgerSource<Built>,
): Promise<Omit<Ledger, "uncounted">> {
  const { names, isOn, base, measure, asked, parallelMax } = source;
  const toggled = new Map(
    await mapBounded(names, parallelMax, async (name) => {
      return [name, await measure({ [name]: !isOn(name) })] as const;
    }),
  );
  /** The bundle with a flag on or off, the others as recorded. */
  const bundleOf = (name: string, on: boolean): Built =>
    (on === isOn(name) ? base : toggled.get(name)) ?? base;
  const entries = names.map((name): LedgerEntry => {
    const on = bundleOf(name, true);
    const off = bundleOf(name, false);
    const removes = subtract(on.size, off.size);
    return { name, enabled: isOn(name), removes, modules: goneModules(on, off) };
  });
  const found = findPairs(asked([base, ...toggled.values()]), entries);
  const pairs = found.slice(0, PAIR_COUNT_MAX);
  const interactions = await mapBounded(pairs, parallelMax, async (pair): Promise<Interaction> => {
    const [a, b] = pair;
    const corner = async (onA: boolean, onB: boolean): Promise<BundleSize> => {
      if (onA === isOn(a)) return bundleOf(b, onB).size;
      if (onB === isOn(b)) return bundleOf(a, onA).size;
      return (await measure({ [a]: onA, [b]: onB })).size;
    };
    const both = await corner(true, true);
    const onlyA = await corner(true, false);
    const onlyB = await corner(false, true);
    const none = await corner(false, false);
    const beyond = subtract(subtract(onlyA, both), subtract(none, onlyB));
    return { flags: pair, ...beyond };
  });
  return {
    total: base.size,
    modules: base.modules.size,
    flags: entries.toSorted((x, y) => y.removes.raw - x.removes.raw || (x.name < y.name ? -1 : 1)),
    interactions: interactions
      .filter(({ raw }) => raw !== 0)
      .toSorted((x, y) => Math.abs(y.raw) - Math.abs(x.raw)),
    builds: 1 + names.length + pairs.length,
  };
}

/** Pairs that nest in a source, or by one flag's modules asking for the other. */
function findPairs(
  asked: ReadonlyMap<string, SourceFlags>,
  entries: readonly LedgerEntry[],
): FlagPair[] {
  const known = new Set(entries.map(({ name }) => name));
  const pairs = new Map<string, FlagPair>();
  const add = (a: string, b: string): void => {
    if (a === b || !known.has(a) || !known.has(b)) return;
    const pair: FlagPair = a < b ? [a, b] : [b, a];
    pairs.set(pair.join(), pair);
  };
  for (const { nested } of asked.values()) for (const [a, b] of nested) add(a, b);
  for (const { name, modules } of entries) {
    for (const { path } of modules) {
      for (const other of asked.get(path)?.flags ?? []) add(name, other);
    }
  }
  return [...pairs.values()];
}

function goneModules(on: BuildSizes, off: BuildSizes): ModuleSize[] {
  return [...on.modules]
    .filter(([path]) => !off.modules.has(path))
    .map(([path, bytes]) => ({ path, bytes }))
    .toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
}

function subtract(a: BundleSize, b: BundleSize): BundleSize {
  return { raw: a.raw - b.raw, gzip: a.gzip - b.gzip };
}

/** What each flag costs in a bundle, found by building with it on and off. */

import { cpus } from "node:os";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type BuildFlags, isEnabled, usableFlags, withStates } from "../../flags/build_flags.ts";
import { type BundleConfig, runChecked } from "../../build/bundle.ts";
import { type BundlerRun, startBundler } from "../../build/bundler.ts";
import { codeInputs } from "../../build/input_check.ts";
import { componentKind } from "../../source/component/script_parts.ts";
import { type FlagPair, readSourceFlags } from "./source_flags.ts";
import { mapBounded } from "../parallel.ts";

/** Bytes of all files of a bundle but its source maps. */
interface BundleSize {
  readonly raw: number;
  /** Each file compressed alone, as a server sends it. */
  readonly gzip: number;
}

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

const compress = promisify(gzip);

/** Pairs beyond these are not built. */
const PAIR_COUNT_MAX = 64;
/** Builds at once; each is parallel in itself. */
const PARALLEL_MAX = Math.min(4, cpus().length);

interface Measured {
  readonly size: BundleSize;
  readonly modules: ReadonlyMap<string, number>;
  /** Of all inputs that are code, as the bundler names them. */
  readonly paths: readonly string[];
}

/**
 * Builds in memory, once with the record and once for each flag turned round, and once more for
 * each pair of flags that nest.
 *
 * @throws ImmuconfigError `ERR_SOURCE`, `ERR_BUNDLER`
 */
export async function measureLedger(
  entrypoints: readonly string[],
  flags: BuildFlags,
  build: BundleConfig,
  now: Date,
): Promise<Ledger> {
  const { minify = {} } = build;
  const config = {
    ...build,
    entrypoints: [...entrypoints],
    minify: typeof minify === "boolean" ? minify : { syntax: true, ...minify },
  };
  const { run } = await runChecked(config, flags, now);
  const base = await measure(run);
  const measureWith = async (states: Readonly<Record<string, boolean>>): Promise<Measured> =>
    measure(await startBundler(config, withStates(flags, states)));
  const names = usableFlags(flags);
  const isOn = (name: string): boolean => isEnabled(flags, name);
  const toggled = new Map(
    await mapBounded(names, PARALLEL_MAX, async (name) => {
      return [name, await measureWith({ [name]: !isOn(name) })] as const;
    }),
  );
  /** The bundle with a flag on or off, the others as recorded. */
  const bundleOf = (name: string, on: boolean): Measured =>
    (on === isOn(name) ? base : toggled.get(name)) ?? base;
  const entries = names.map((name): LedgerEntry => {
    const on = bundleOf(name, true);
    const off = bundleOf(name, false);
    const removes = subtract(on.size, off.size);
    return { name, enabled: isOn(name), removes, modules: goneModules(on, off) };
  });
  const found = findPairs([base, ...toggled.values()], entries);
  const pairs = found.slice(0, PAIR_COUNT_MAX);
  const interactions = await mapBounded(pairs, PARALLEL_MAX, async (pair) => {
    const [a, b] = pair;
    const corner = async (onA: boolean, onB: boolean): Promise<BundleSize> => {
      if (onA === isOn(a)) return bundleOf(b, onB).size;
      if (onB === isOn(b)) return bundleOf(a, onA).size;
      return (await measureWith({ [a]: onA, [b]: onB })).size;
    };
    return interact(pair, {
      both: await corner(true, true),
      onlyA: await corner(true, false),
      onlyB: await corner(false, true),
      none: await corner(false, false),
    });
  });
  return {
    total: base.size,
    modules: base.modules.size,
    flags: entries.toSorted((x, y) => y.removes.raw - x.removes.raw || (x.name < y.name ? -1 : 1)),
    interactions: interactions
      .filter(({ raw }) => raw !== 0)
      .toSorted((x, y) => Math.abs(y.raw) - Math.abs(x.raw)),
    builds: 1 + names.length + pairs.length,
    uncounted: Object.keys(run.metafile.inputs).filter((path) => componentKind(path) !== undefined),
  };
}

async function measure(run: BundlerRun): Promise<Measured> {
  let raw = 0;
  let compressed = 0;
  for (const output of run.outputs) {
    if (output.kind === "sourcemap") continue;
    raw += output.size;
    compressed += (await compress(await output.arrayBuffer())).length;
  }
  const modules = new Map<string, number>();
  for (const { inputs } of Object.values(run.metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      if (bytesInOutput > 0) modules.set(path, (modules.get(path) ?? 0) + bytesInOutput);
    }
  }
  const paths = codeInputs(run.metafile);
  return { size: { raw, gzip: compressed }, modules, paths };
}

/** Pairs that nest in a source, or by one flag's modules asking for the other. */
function findPairs(runs: readonly Measured[], entries: readonly LedgerEntry[]): FlagPair[] {
  const known = new Set(entries.map(({ name }) => name));
  const pairs = new Map<string, FlagPair>();
  const add = (a: string, b: string): void => {
    if (a === b || !known.has(a) || !known.has(b)) return;
    const pair: FlagPair = a < b ? [a, b] : [b, a];
    pairs.set(pair.join(), pair);
  };
  const asked = new Map<string, ReadonlySet<string>>();
  for (const path of new Set(runs.flatMap(({ paths }) => paths))) {
    const found = readSourceFlags(path);
    if (found === undefined) continue;
    for (const [a, b] of found.nested) add(a, b);
    asked.set(path, found.flags);
  }
  for (const { name, modules } of entries) {
    for (const { path } of modules) {
      for (const other of asked.get(path) ?? []) add(name, other);
    }
  }
  return [...pairs.values()];
}

function goneModules(on: Measured, off: Measured): ModuleSize[] {
  return [...on.modules]
    .filter(([path]) => !off.modules.has(path))
    .map(([path, bytes]) => ({ path, bytes }))
    .toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
}

interface Corners {
  readonly both: BundleSize;
  readonly onlyA: BundleSize;
  readonly onlyB: BundleSize;
  readonly none: BundleSize;
}

function interact(flags: FlagPair, { both, onlyA, onlyB, none }: Corners): Interaction {
  return {
    flags,
    raw: onlyA.raw + onlyB.raw - both.raw - none.raw,
    gzip: onlyA.gzip + onlyB.gzip - both.gzip - none.gzip,
  };
}

function subtract(a: BundleSize, b: BundleSize): BundleSize {
  return { raw: a.raw - b.raw, gzip: a.gzip - b.gzip };
}

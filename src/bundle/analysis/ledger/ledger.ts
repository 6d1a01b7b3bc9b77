/** What each flag costs in a bundle, found by building with it on and off. */

import { cpus } from "node:os";
import { type BuildFlags, isEnabled, usableFlags, withStates } from "../../flags/build_flags.ts";
import { type BundleConfig, runChecked } from "../../build/bundle.ts";
import { type BundlerRun, startBundler, withSyntax } from "../../build/bundler.ts";
import { codeInputs } from "../../build/input_check.ts";
import { componentKind } from "../../source/component/script_parts.ts";
import { type BuildSizes, sizesOf } from "./build_sizes.ts";
import { type Ledger, makeLedger } from "./make_ledger.ts";
import { readSourceFlags, type SourceFlags } from "./source_flags.ts";

/** Builds at once; each is parallel in itself. */
const PARALLEL_MAX = Math.min(4, cpus().length);

interface Measured extends BuildSizes {
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
  const config = { ...build, entrypoints: [...entrypoints], minify: withSyntax(build) };
  const { run } = await runChecked(config, flags, now);
  const ledger = await makeLedger<Measured>({
    names: usableFlags(flags),
    isOn: (name) => isEnabled(flags, name),
    base: await measure(run),
    measure: async (states) => measure(await startBundler(config, withStates(flags, states))),
    asked: (builds) => askedIn(builds.flatMap(({ paths }) => paths)),
    parallelMax: PARALLEL_MAX,
  });
  return { ...ledger, uncounted: uncountedIn(run) };
}

async function measure(run: BundlerRun): Promise<Measured> {
  return { ...(await sizesOf(run)), paths: codeInputs(run.metafile) };
}

/** What sources ask for, by path; those that ask for nothing are left out. */
export function askedIn(paths: Iterable<string>): Map<string, SourceFlags> {
  const asked = new Map<string, SourceFlags>();
  for (const path of new Set(paths)) {
    const found = readSourceFlags(path);
    if (found !== undefined) asked.set(path, found);
  }
  return asked;
}

/** Components, which Bun takes for files. */
export function uncountedIn({ metafile }: Pick<BundlerRun, "metafile">): string[] {
  return Object.keys(metafile.inputs).filter((path) => componentKind(path) !== undefined);
}

/** Builds with a record: Bun drops the dead branches; here it is checked that it may. */

import type { BuildConfig, BuildMetafile, CompileBuildOptions } from "bun";
import { valueError } from "../../base/errors.ts";
import { dayOf } from "../../base/units.ts";
import type { BuildState } from "../flags/recorded_state.ts";
import { type BundlerRun, finishRun, requireFeatures } from "./bun_bundler.ts";
import type { BundleConfig } from "./bundle_config.ts";
import { type BundleFile, bundleFiles, type CheckedBundle } from "./bundle_file.ts";
import { codeInputs } from "./code_inputs.ts";
import { concludeCheck, formatElimination } from "./elimination.ts";
import { checkInputs } from "../source/input_check.ts";
import { type StartedBundle, startBundle } from "./start_bundle.ts";

export interface BundleOptions {
  /** Options of `Bun.build`; `minify.syntax` is on unless it is set. */
  readonly build?: BundleConfig;
  /** Takes the source of dead branches out of the source maps. */
  readonly scrubMaps?: boolean;
  /** Takes the line about the elimination; standard error by default. */
  readonly report?: (line: string) => void;
  /** Decides which flags have expired; the clock by default. */
  readonly now?: Date;
}

export interface Bundle extends CheckedBundle {
  readonly metafile: BuildMetafile;
}

/**
 * Bundles a program with a record that is open already. Every output of JavaScript carries the
 * record. Nothing is written, but for the executable of `build.compile`.
 *
 * @throws ImmuconfigError `ERR_SOURCE`, `ERR_BUNDLER`, `ERR_VALUE`
 */
export async function bundleState(
  entrypoints: readonly string[],
  state: BuildState,
  options: BundleOptions = {},
): Promise<Bundle> {
  const { build = {}, scrubMaps = false } = options;
  const { compile = false, ...inMemory } = build;
  if (compile === false || build.target === "browser") {
    return finishBundle(startBundle(entrypoints, state, build), options);
  }
  if (scrubMaps && (build.sourcemap ?? "none") !== "none") {
    throw valueError(
      "the map inside an executable cannot be scrubbed",
      "Build the executable without a source map, or leave --scrub-maps out.",
    );
  }
  // Before an executable is written, its sources are checked on a bundle in memory.
  const started = startBundle(entrypoints, state, inMemory);
  const checked = await finishBundle(started, { ...options, scrubMaps: false });
  const whole = { ...build, compile: executableOptions(compile) };
  const { outputs, metafile } = await finishRun(startBundle(entrypoints, state, whole).running);
  const files = bundleFiles(outputs).map((file): BundleFile => {
    return file.kind === "entry-point" ? { ...file, kind: "executable" } : file;
  });
  return { ...checked, files, metafile };
}

/**
 * An executable that reads bunfig.toml when it starts does not start in its own project: the preload
 * of `immuconfig/register` is not inside of it. It needs none, as its `Bun.config` is literals.
 */
function executableOptions(compile: Exclude<BuildConfig["compile"], false>): CompileBuildOptions {
  const options = typeof compile === "string" ? { target: compile } : compile;
  return { autoloadBunfig: false, ...(typeof options === "object" ? options : {}) };
}

/**
 * Waits for the bundler and checks what it read.
 *
 * @throws ImmuconfigError `ERR_SOURCE`, `ERR_BUNDLER`
 */
async function finishBundle(
  { state, running }: StartedBundle,
  { scrubMaps = false, now = new Date(), report = console.error }: BundleOptions,
): Promise<Bundle> {
  const [run] = await Promise.all([finishRun(running), requireFeatures()]);
  const { elimination, warnings } = await checkRun(run, state, now);
  report(formatElimination(elimination));
  const { outputs, metafile } = run;
  const files = bundleFiles(outputs);
  return {
    files: scrubMaps ? await scrubFiles(files, state) : files,
    state,
    elimination,
    warnings,
    modules: Object.keys(metafile.inputs).length,
    metafile,
  };
}

/** The files with maps that hold no source of dead branches. */
async function scrubFiles(files: readonly BundleFile[], state: BuildState): Promise<BundleFile[]> {
  const { scrubMap, scrubInlineMap } = await import("../analysis/proof/source_map_text.ts");
  return Promise.all(
    files.map(async (file) => {
      if (file.kind !== "sourcemap" && !/\.[cm]?js$/.test(file.path)) return file;
      const scrub = file.kind === "sourcemap" ? scrubMap : scrubInlineMap;
      return { ...file, content: new Blob([scrub(await file.content.text(), state.flags)]) };
    }),
  );
}

/** @throws SourceError when a source of the run uses a flag in a way that Bun gets wrong */
export async function checkRun({ metafile }: BundlerRun, { flags: record }: BuildState, now: Date) {
  const start = Bun.nanoseconds();
  const today = dayOf(now);
  const paths = codeInputs(metafile);
  return concludeCheck(await checkInputs(paths, { root: process.cwd(), record, today }), start);
}

/** Builds with a record: Bun drops the dead branches; here it is checked that it may. */

import type { BuildMetafile } from "bun";
import { valueError } from "../errors.ts";
import { count, formatDuration } from "../units.ts";
import type { BuildState } from "./record/recorded_state.ts";
import { type BundlerRun, finishRun, requireFeatures } from "./bun_bundler.ts";
import type { BundleConfig } from "./bundle_config.ts";
import { type Diagnostic, SourceError } from "./source/diagnostic.ts";
import { type StartedBundle, startBundle } from "./start_bundle.ts";
import { InputChecker } from "./source/input_check.ts";

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

/** How long the check of the sources took, and what it found. */
export interface Elimination {
  readonly nanoseconds: number;
  readonly calls: number;
  readonly flags: number;
}

export interface BundleFile {
  /** Relative to the output folder; absolute for an executable and its map. */
  readonly path: string;
  readonly kind: Bun.BuildArtifact["kind"] | "executable";
  readonly content: Blob;
}

export interface Bundle {
  readonly files: readonly BundleFile[];
  readonly state: BuildState;
  readonly elimination: Elimination;
  readonly warnings: readonly Diagnostic[];
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
  const { outputs, metafile } = await finishRun(startBundle(entrypoints, state, build).running);
  const files = outputs.map((content): BundleFile => {
    const { path, kind } = content;
    return { path, kind: kind === "entry-point" ? "executable" : kind, content };
  });
  return { ...checked, files, metafile };
}

/**
 * Waits for the bundler and checks what it read.
 *
 * @throws ImmuconfigError `ERR_SOURCE`, `ERR_BUNDLER`
 */
export async function finishBundle(
  { entrypoints, state, running }: StartedBundle,
  { scrubMaps = false, now = new Date(), report = console.error }: BundleOptions,
): Promise<Bundle> {
  const checker = inputChecker(state, now);
  for (const path of entrypoints) checker.readAhead(path);
  const [run] = await Promise.all([finishRun(running), requireFeatures()]);
  const { elimination, warnings } = await checkRun(run, checker);
  report(formatElimination(elimination));
  const { outputs, metafile } = run;
  const files = outputs.map((content): BundleFile => {
    const { path, kind } = content;
    return { path, kind, content };
  });
  return {
    files: scrubMaps ? await scrubFiles(files, state) : files,
    state,
    elimination,
    warnings,
    metafile,
  };
}

/** The files with maps that hold no source of dead branches. */
async function scrubFiles(files: readonly BundleFile[], state: BuildState): Promise<BundleFile[]> {
  const { scrubMap, scrubInlineMap } = await import("./proof/source_map_text.ts");
  return Promise.all(
    files.map(async (file) => {
      if (file.kind !== "sourcemap" && !/\.[cm]?js$/.test(file.path)) return file;
      const scrub = file.kind === "sourcemap" ? scrubMap : scrubInlineMap;
      return { ...file, content: new Blob([scrub(await file.content.text(), state.flags)]) };
    }),
  );
}

/** `Feature elimination: TIME, 7 calls of 3 flags`. */
function formatElimination({ nanoseconds, calls, flags }: Elimination): string {
  const time = formatDuration(nanoseconds);
  return `Feature elimination: ${time}, ${count(calls, "call")} of ${count(flags, "flag")}`;
}

export function inputChecker(state: BuildState, now: Date): InputChecker {
  return new InputChecker(process.cwd(), state.flags, now.toISOString().slice(0, 10));
}

/** @throws SourceError when a source of the run uses a flag in a way that Bun gets wrong */
export async function checkRun(run: BundlerRun, checker: InputChecker) {
  const start = Bun.nanoseconds();
  const { calls, errors, warnings } = await checker.check(Object.keys(run.metafile.inputs));
  if (errors.length > 0) throw new SourceError(errors);
  const flags = new Set(calls).size;
  const nanoseconds = Bun.nanoseconds() - start;
  return { elimination: { nanoseconds, calls: calls.length, flags }, warnings };
}

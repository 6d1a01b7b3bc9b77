/** Builds with a record: Bun drops the dead branches; here it is checked that it may. */

import type { BuildConfig, BuildMetafile } from "bun";
import { valueError } from "../errors.ts";
import { count, formatDuration } from "../units.ts";
import { type BuildState, type FeatureChoice, openBuildState } from "./build_state.ts";
import { type BundlerRun, inputPaths, requireFeatures, runBundler } from "./bun_bundler.ts";
import { type Diagnostic, SourceError } from "./source/diagnostic.ts";
import { recordMarker } from "./embedded_record.ts";
import { checkInputs } from "./source/input_check.ts";

/** What a caller may set of `Bun.build`; the rest follows from the record. */
export type BundleConfig = Omit<
  BuildConfig,
  "entrypoints" | "features" | "metafile" | "throw" | "outdir"
>;

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
 * Bundles a program with the flags of the project's record, some of them set otherwise. Every
 * output of JavaScript carries the record. Nothing is written, but for the executable of
 * `build.compile`.
 *
 * @param entrypoint one path, or several
 * @param features flags to set otherwise than the record, by name; or the names of all that are on
 * @param options.file the configuration file; otherwise it is found as the commands find it
 * @throws ImmuconfigError `ERR_SOURCE` when a source uses a flag in a way that Bun gets wrong;
 * `ERR_BUNDLER` when the build fails; all that `openBuildState` throws
 * @example
 * const { files } = await bundleWithFeatures("./src/server.ts", { DEBUG: true });
 * for (const { path, content } of files) await Bun.write(`dist/${path}`, content);
 */
export async function bundleWithFeatures(
  entrypoint: string | readonly string[],
  features: FeatureChoice,
  options: BundleOptions & { readonly file?: string } = {},
): Promise<Bundle> {
  const { file } = options;
  const state = openBuildState({ cwd: process.cwd(), env: process.env, file }, features);
  return bundleState(typeof entrypoint === "string" ? [entrypoint] : entrypoint, state, options);
}

/** The same with a record that is open already. */
export async function bundleState(
  entrypoints: readonly string[],
  state: BuildState,
  options: BundleOptions = {},
): Promise<Bundle> {
  const { build = {}, scrubMaps = false, now = new Date(), report = console.error } = options;
  const { compile = false, ...config } = recordConfig(entrypoints, state, build);
  const isExecutable = compile !== false && config.target !== "browser";
  if (isExecutable && scrubMaps && (config.sourcemap ?? "none") !== "none") {
    throw valueError(
      "the map inside an executable cannot be scrubbed",
      "Build the executable without a source map, or leave --scrub-maps out.",
    );
  }
  // Before an executable is written, its sources are checked on a bundle in memory.
  const checked = isExecutable ? config : { ...config, compile };
  const [run] = await Promise.all([runBundler(checked, state.flags), requireFeatures()]);
  const { elimination, warnings } = await checkRun(run, state, now);
  report(formatElimination(elimination));
  const { outputs, metafile } = isExecutable
    ? await runBundler({ ...config, compile }, state.flags)
    : run;
  const files = outputs.map((content): BundleFile => {
    const { path, kind } = content;
    return { path, kind: isExecutable && kind === "entry-point" ? "executable" : kind, content };
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

/** A build's options with what the record adds: literals fold, and the outputs say their record. */
function recordConfig(
  entrypoints: readonly string[],
  state: BuildState,
  build: BundleConfig,
): BuildConfig {
  const { minify = {}, footer } = build;
  const marker = recordMarker(state.record);
  return {
    ...build,
    entrypoints: [...entrypoints],
    minify: typeof minify === "boolean" ? minify : { syntax: true, ...minify },
    footer: footer === undefined ? marker : `${footer}\n${marker}`,
  };
}

/** @throws SourceError when a source of the run uses a flag in a way that Bun gets wrong */
export async function checkRun(run: BundlerRun, state: BuildState, now: Date) {
  const start = Bun.nanoseconds();
  const today = now.toISOString().slice(0, 10);
  const { calls, errors, warnings } = await checkInputs(
    inputPaths(run),
    process.cwd(),
    state.flags,
    today,
  );
  if (errors.length > 0) throw new SourceError(errors);
  const flags = new Set(calls).size;
  const nanoseconds = Bun.nanoseconds() - start;
  return { elimination: { nanoseconds, calls: calls.length, flags }, warnings };
}

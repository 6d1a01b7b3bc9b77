/** Builds with a record: Bun drops the dead branches; here it is checked that it may. */

import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { BuildArtifact, BuildConfig, BuildMetafile, CompileBuildOptions } from "bun";
import { valueError } from "../../base/errors.ts";
import { cannotWrite } from "../../base/fs_errors.ts";
import { dayOf } from "../../base/units.ts";
import type { BuildFlags } from "../flags/build_flags.ts";
import type { ConfigSource } from "../flags/build_flags.ts";
import { recordMarker } from "../flags/embedded_record.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import type { UnusedSources } from "../source/scrub_map.ts";
import {
  type BundlerConfig,
  type BundlerRun,
  requireFeatures,
  startBundler,
  withSyntax,
} from "./bundler.ts";
import {
  type CheckedInputs,
  checkInputs,
  type Elimination,
  formatElimination,
} from "./input_check.ts";
import { openBuildObserver } from "./input_observer.ts";

/** Options of `Bun.build`; the rest follows from the record. */
export type BundleConfig = Omit<
  BuildConfig,
  "entrypoints" | "features" | "metafile" | "throw" | "outdir"
>;

export interface BundleOptions {
  /** Options of `Bun.build`; `minify.syntax` is on unless it is set. */
  readonly build?: BundleConfig;
  /** Where `config` of `immuconfig` comes from; the build by default. */
  readonly config?: ConfigSource | undefined;
  /** Takes the source of dead branches out of the source maps. */
  readonly scrubMaps?: boolean;
  /** Takes the line about the elimination; nobody by default. */
  readonly report?: (line: string) => void;
  /** Decides which flags have expired. */
  readonly now: Date;
}

export interface BundleFile {
  /** Relative to the output folder; absolute for an executable and its map. */
  readonly path: string;
  readonly kind: BuildArtifact["kind"] | "executable";
  readonly content: Blob;
}

/** A bundle whose sources were checked. */
export interface Bundle {
  readonly files: readonly BundleFile[];
  readonly flags: BuildFlags;
  readonly elimination: Elimination;
  readonly warnings: readonly Diagnostic[];
  readonly metafile: BuildMetafile;
}

/**
 * Bundles a program. Every output of JavaScript carries the record. Nothing is written, but for the
 * executable of `build.compile`.
 *
 * @throws ImmuconfigError `ERR_SOURCE`, `ERR_BUNDLER`, `ERR_VALUE`, `ERR_WRITE`
 */
export async function bundle(
  entrypoints: readonly string[],
  flags: BuildFlags,
  options: BundleOptions,
): Promise<Bundle> {
  const { build = {}, scrubMaps = false } = options;
  const { compile = false } = build;
  // For browsers, what Bun compiles is a page, in memory as all else.
  if (compile !== false && build.target !== "browser") {
    return bundleExecutable(entrypoints, flags, { ...options, build: { ...build, compile } });
  }
  const config = recordedConfig(entrypoints, flags, build);
  const { outputs, ...checked } = await bundleRun(config, flags, options);
  const files = outputs.map((content): BundleFile => ({
    path: content.path,
    kind: content.kind,
    content,
  }));
  if (!scrubMaps) return { ...checked, files };
  return { ...checked, files: await scrubFiles(files, entrypoints, checked) };
}

/** An executable is put in its place when its sources have been checked. */
async function bundleExecutable(
  entrypoints: readonly string[],
  flags: BuildFlags,
  options: BundleOptions & { readonly build: BundleConfig & { readonly compile: Compile } },
): Promise<Bundle> {
  const { build, scrubMaps = false } = options;
  if (scrubMaps && (build.sourcemap ?? "none") !== "none") {
    throw valueError(
      "the map inside an executable cannot be scrubbed",
      "Build the executable without a source map, or leave --scrub-maps out.",
    );
  }
  const compile = compileOptions(build.compile, entrypoints);
  const target = resolve(compile.outfile);
  const folder = makeFolderBeside(target);
  try {
    const outfile = join(folder, basename(target));
    const whole = { ...build, compile: { ...compile, outfile } };
    const config = recordedConfig(entrypoints, flags, whole);
    const { outputs, ...checked } = await bundleRun(config, flags, options);
    const files = outputs.map((output): BundleFile => {
      const { kind } = output;
      // A page is in memory, under a name that may be its source's.
      if (!isAbsolute(output.path)) return { path: output.path, kind, content: output };
      const path = join(dirname(target), relative(folder, resolve(output.path)));
      putInPlace(output.path, path);
      return { path, kind: kind === "entry-point" ? "executable" : kind, content: Bun.file(path) };
    });
    return { ...checked, files };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** On the disk of the file that is to be put there by its name. */
function makeFolderBeside(target: string): string {
  const above = dirname(target);
  try {
    mkdirSync(above, { recursive: true });
    return mkdtempSync(join(above, ".immuconfig-build-"));
  } catch (cause) {
    throw cannotWrite(target, cause);
  }
}

function putInPlace(made: string, path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    renameSync(made, path);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

type Compile = Exclude<NonNullable<BuildConfig["compile"]>, false>;

/**
 * An executable that reads bunfig.toml when it starts does not start in its own project: the preload
 * of `immuconfig/register` is not inside of it. It needs none, as its `Bun.config` is literals.
 */
function compileOptions(
  compile: Compile,
  [entry = ""]: readonly string[],
): CompileBuildOptions & { readonly outfile: string } {
  const given: CompileBuildOptions =
    typeof compile === "string" ? { target: compile } : compile === true ? {} : compile;
  return { autoloadBunfig: false, ...given, outfile: given.outfile ?? executableName(entry) };
}

/** What an executable is called where nobody says: as its entry, without the ending. */
export function executableName(entry: string): string {
  return basename(entry).replace(/(?<=.)\.[^.]*$/, "");
}

/** A run of the bundler whose inputs were checked. */
export interface CheckedRun extends CheckedInputs {
  readonly run: BundlerRun;
}

/**
 * Starts the bundler, and checks what it reads.
 *
 * @param config of the build, without features
 * @param now decides which flags have expired
 * @throws ImmuconfigError `ERR_SOURCE`, `ERR_BUNDLER`
 */
export async function runChecked(
  config: BundlerConfig,
  flags: BuildFlags,
  now: Date,
): Promise<CheckedRun> {
  const observer = openBuildObserver();
  const { plugins = [] } = config;
  const observed = observer === undefined ? plugins : [...plugins, observer.plugin];
  const running = startBundler({ ...config, plugins: observed }, flags);
  const [run] = await Promise.all([running, requireFeatures()]);
  const check = { root: process.cwd(), flags, today: dayOf(now) };
  return { run, ...(await checkInputs(run.metafile, observer?.uses(), check)) };
}

/** Options for a build with the record in its outputs. */
function recordedConfig(
  entrypoints: readonly string[],
  flags: BuildFlags,
  build: BundleConfig,
): BuildConfig {
  const { footer } = build;
  const marker = recordMarker(flags.record);
  return {
    ...build,
    entrypoints: [...entrypoints],
    minify: withSyntax(build),
    footer: footer === undefined ? marker : `${footer}\n${marker}`,
  };
}

async function bundleRun(
  options: BuildConfig,
  flags: BuildFlags,
  { report, now, config }: BundleOptions,
): Promise<Omit<Bundle, "files"> & { readonly outputs: readonly BuildArtifact[] }> {
  const { run, elimination, warnings } = await runChecked({ ...options, config }, flags, now);
  report?.(formatElimination(elimination));
  const { outputs, metafile } = run;
  return { outputs, flags, elimination, warnings, metafile };
}

/** The files with maps that hold no source of dead code. */
async function scrubFiles(
  files: readonly BundleFile[],
  entrypoints: readonly string[],
  { flags, metafile }: Pick<Bundle, "flags" | "metafile">,
): Promise<BundleFile[]> {
  const { scrubMap, scrubInlineMap } = await import("../source/scrub_map.ts");
  const { unusedCode } = await import("./unused_code.ts");
  const unused = unusedCode(metafile, entrypoints, flags);
  return Promise.all(
    files.map(async (file) => {
      if (file.kind !== "sourcemap" && !/\.[cm]?js$/.test(file.path)) return file;
      const scrub = file.kind === "sourcemap" ? scrubMap : scrubInlineMap;
      // The bundler tells sources from the working folder.
      const sources: UnusedSources = {
        isUnused: (source) => unused.modules.has(resolve(source)),
        partsOf: (source, code) => unused.partsOf(resolve(source), code),
      };
      return { ...file, content: new Blob([scrub(await file.content.text(), flags, sources)]) };
    }),
  );
}

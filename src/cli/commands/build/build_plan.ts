/** What the options of a build add up to. */

import type { BuildConfig, CompileBuildOptions, Loader } from "bun";
import type { BundleConfig } from "../../../bundle/build/bundle_config.ts";
import { absolutePath, fileNameOf, folderOf } from "../../../base/paths.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import type { BuildOption } from "./option_kinds.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
export type Minify = Exclude<NonNullable<BuildConfig["minify"]>, boolean>;
type Naming = Exclude<NonNullable<BuildConfig["naming"]>, string>;
type Jsx = NonNullable<BuildConfig["jsx"]>;
type Windows = NonNullable<CompileBuildOptions["windows"]>;

export interface BuildPlan {
  readonly build: Mutable<BundleConfig>;
  readonly compile: Mutable<CompileBuildOptions>;
  readonly minify: Minify;
  readonly naming: Naming;
  readonly jsx: Jsx;
  readonly windows: Windows;
  readonly define: Record<string, string>;
  readonly loader: Record<string, Loader>;
  isExecutable: boolean;
  outdir?: string;
  outfile?: string;
  /** Where a description of the build goes, as JSON. */
  metafile?: string;
}

/**
 * @param options that the arguments may hold; they are applied in this order
 * @throws ImmuconfigError `ERR_USAGE` for a value or an option that is not possible
 */
export function planBuild(
  args: CommandArguments,
  options: Readonly<Record<string, BuildOption>>,
): BuildPlan {
  const plan: BuildPlan = {
    build: {},
    compile: {},
    minify: {},
    naming: {},
    jsx: {},
    windows: {},
    define: {},
    loader: {},
    isExecutable: false,
  };
  for (const name in options) {
    if (args.isGiven(name)) options[name]?.apply(plan, args.values(name));
  }
  return plan;
}

/** The plan's groups as one set of options for `Bun.build`. */
export function bundleConfig(plan: BuildPlan): BundleConfig {
  const { build, compile, windows } = plan;
  const config: Mutable<BundleConfig> = { ...build };
  if (hasAny(plan.minify)) config.minify = plan.minify;
  if (hasAny(plan.naming)) config.naming = plan.naming;
  if (hasAny(plan.jsx)) config.jsx = plan.jsx;
  if (hasAny(plan.define)) config.define = plan.define;
  if (hasAny(plan.loader)) config.loader = plan.loader;
  if (plan.isExecutable)
    config.compile = hasAny(windows) ? { ...compile, windows } : { ...compile };
  return config;
}

function hasAny(group: object): boolean {
  return Object.keys(group).length > 0;
}

/**
 * Where the outputs go; nothing for standard output. Gives the plan the names that follow from it.
 *
 * @throws ImmuconfigError `ERR_USAGE`
 */
export function outputFolder(
  plan: BuildPlan,
  entries: readonly string[],
  cwd: string,
): string | undefined {
  const { outdir, outfile } = plan;
  const [entry, ...more] = entries;
  if (entry === undefined) throw usageError("expected an entry point");
  if (outdir !== undefined && outfile !== undefined) {
    throw usageError("--outdir and --outfile exclude each other");
  }
  if (plan.isExecutable) {
    const name = outfile ?? fileNameOf(absolutePath(cwd, entry)).replace(/(?<=.)\.[^.]*$/, "");
    plan.compile.outfile = absolutePath(absolutePath(cwd, outdir ?? ""), name);
    return folderOf(plan.compile.outfile);
  }
  if (outfile !== undefined) {
    if (more.length > 0) throw usageError("--outfile takes one entry point; use --outdir");
    const path = absolutePath(cwd, outfile);
    plan.naming.entry = fileNameOf(path);
    return folderOf(path);
  }
  if (outdir !== undefined) return absolutePath(cwd, outdir);
  const { sourcemap = "none", splitting = false } = plan.build;
  if (more.length > 0 || splitting || plan.metafile !== undefined) {
    throw usageError("more than one output needs --outdir");
  }
  if (sourcemap !== "none" && sourcemap !== "inline") {
    throw usageError(`--sourcemap=${String(sourcemap)} needs --outdir or --outfile`);
  }
  return undefined;
}

/** What webpack and Rspack have in common beside the transform. */

import { existsSync } from "node:fs";
import { ImmuconfigError } from "../../base/errors.ts";
import type { BuildFlags } from "../flags/build_flags.ts";
import { asksForCore, RECORD_IMPORT, recordModule } from "../flags/record_module.ts";
import { pathOf } from "../flags/module_path.ts";
import { flagsDigest, type PlacedOptions, PLUGIN_NAME } from "./common.ts";
import { strayEntries } from "./stray_entries.ts";

/** What both compilers have of it. */
interface Request {
  request: string;
  readonly contextInfo?: { readonly issuer: string } | undefined;
}

interface Replacement<Compiler> {
  apply(compiler: Compiler): void;
}

interface PackCompiler<Compiler> {
  readonly webpack: {
    readonly NormalModuleReplacementPlugin: new (
      pattern: RegExp,
      replace: (request: Request) => void,
    ) => Replacement<Compiler>;
  };
}

/** @param flags of now: a build that watches reads the record again */
export function replaceRecordRequests<Compiler extends PackCompiler<Compiler>>(
  compiler: Compiler,
  flags: () => BuildFlags,
): void {
  const { NormalModuleReplacementPlugin } = compiler.webpack;
  new NormalModuleReplacementPlugin(RECORD_IMPORT, (request) => {
    const needsCore = asksForCore(request.contextInfo?.issuer);
    const text = recordModule(request.request, flags(), needsCore);
    request.request = `data:text/javascript,${encodeURIComponent(text)}`;
  }).apply(compiler);
}

/** The settings of a cache that outlives the process; its version is part of its key. */
interface PackCache {
  readonly type: string;
  version?: string | undefined;
}

/**
 * Makes the record part of the key of a cache on the disk: what is built with other flags is built
 * anew, wherever they come from.
 */
export function keyCache(cache: unknown, flags: BuildFlags): void {
  if (!isPackCache(cache)) return;
  cache.version = `${cache.version ?? ""}|${PLUGIN_NAME}:${flagsDigest(flags)}`;
}

function isPackCache(cache: unknown): cache is PackCache {
  if (typeof cache !== "object" || cache === null || !("type" in cache)) return false;
  return cache.type === "filesystem" || cache.type === "persistent";
}

interface Hook<Argument> {
  tap(name: string, act: (argument: Argument) => void): void;
}

interface Compilation {
  readonly fileDependencies: { add(path: string): unknown };
  readonly missingDependencies: { add(path: string): unknown };
  readonly entries: ReadonlyMap<string, { readonly dependencies: readonly object[] }>;
  readonly errors: { push(error: Error): unknown };
  readonly warnings: { push(warning: Error): unknown };
  readonly hooks: { readonly finishModules: Hook<unknown> };
}

interface WatchedCompiler {
  isChild(): boolean;
  readonly hooks: { readonly thisCompilation: Hook<Compilation> };
}

/**
 * Reads the record for each compilation. One that cannot be read is an error of the compilation, and
 * the next begins when it is back.
 */
export function readAtCompilation(
  compiler: WatchedCompiler,
  first: BuildFlags,
  read: () => BuildFlags,
): void {
  let { file } = first;
  compiler.hooks.thisCompilation.tap(PLUGIN_NAME, (compilation) => {
    if (compiler.isChild()) return;
    try {
      ({ file } = read());
    } catch (error) {
      if (!(error instanceof ImmuconfigError)) throw error;
      compilation.errors.push(error);
    }
    // Where it was found first, too: it may be away for a moment.
    for (const path of new Set([first.file, file])) {
      compilation.fileDependencies.add(path);
      if (!existsSync(path)) compilation.missingDependencies.add(path);
    }
  });
}

/** Warns of entries that have another record nearer than the one that they get. */
export function warnOfStrayEntries(compiler: WatchedCompiler, options: PlacedOptions): void {
  compiler.hooks.thisCompilation.tap(PLUGIN_NAME, ({ entries, hooks, warnings }) => {
    if (compiler.isChild()) return;
    hooks.finishModules.tap(PLUGIN_NAME, () => {
      const dependencies = [...entries.values()].flatMap((entry) => entry.dependencies);
      for (const text of strayEntries(options, dependencies.flatMap(requestedPaths))) {
        warnings.push(new Error(text));
      }
    });
  });
}

/** What is asked for may stand behind loaders. */
function requestedPaths(dependency: object): string[] {
  const { request } = dependency as { readonly request?: string };
  return request === undefined ? [] : [pathOf(request.slice(request.lastIndexOf("!") + 1))];
}

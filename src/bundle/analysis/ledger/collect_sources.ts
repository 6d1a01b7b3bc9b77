/** Gathers what a build reads, whatever its flags are, so that another machine can build it for each. */

import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { BuildMetafile, BunPlugin } from "bun";
import { ImmuconfigError, valueError } from "../../../base/errors.ts";
import { isObject } from "../../../base/json.ts";
import { parseJsoncObject } from "../../../base/jsonc.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../../../base/limits.ts";
import { liesBelow } from "../../../base/paths.ts";
import { readSource, readTextIfThere } from "../../../base/read_file.ts";
import { type BundleConfig, runChecked } from "../../build/bundle.ts";
import { runBundler } from "../../build/bundler.ts";
import { codeInputs } from "../../build/input_check.ts";
import type { BuildFlags } from "../../flags/build_flags.ts";
import { RECORD_IMPORT } from "../../flags/record_module.ts";
import { languageOf } from "../../source/language.ts";
import { SOURCE_FILE } from "../../source/needles.ts";
import { askedIn, uncountedIn } from "./ledger.ts";
import {
  COMPILER_OPTIONS,
  type CompilerOptions,
  PUSHED_OPTIONS,
  type PushedFile,
  type PushedOptions,
  type PushedSources,
  SOURCES_FILE_COUNT_MAX,
  SOURCES_KIND,
  SOURCES_SIZE_MAX,
} from "./pushed_sources.ts";

/** In place of Bun's own: a name that no package has, so that nobody answers which branches are dead. */
const FLAGS_MODULE = "bun:bundle";
const UNKNOWN_FLAGS = "immuconfig:flags";
const EXTENDS_DEPTH_MAX = 8;

/**
 * @param cwd the working folder, absolute
 * @throws ImmuconfigError `ERR_SOURCE`, `ERR_BUNDLER`; `ERR_VALUE` for what cannot be built elsewhere, or is
 *   too large
 */
export async function collectSources(
  entrypoints: readonly string[],
  flags: BuildFlags,
  build: BundleConfig,
  surroundings: { readonly cwd: string; readonly nodeEnv: string | undefined; readonly now: Date },
): Promise<PushedSources> {
  const { nodeEnv, now } = surroundings;
  const cwd = realpathSync(surroundings.cwd);
  const options = pushedOptions(build);
  // What the server cannot check, for it has no parser: that each use of a flag is one that Bun builds rightly.
  await runChecked({ ...build, entrypoints: [...entrypoints] }, flags, now);
  const { metafile, paths } = await runOpen(entrypoints, build);
  const root = commonFolder([cwd, ...paths.map((path) => dirname(path))]);
  const named = (path: string): string => relative(root, resolve(cwd, path)).split(sep).join("/");
  const files = [...new Set([...paths, ...manifestsOf(paths, root)])].map((path) =>
    pushedFile(path, named(path)),
  );
  const asked = [...askedIn(codeInputs(metafile))].map(([path, one]) => ({
    path: named(path),
    flags: [...one.flags],
    nested: one.nested,
  }));
  const sources: PushedSources = {
    kind: SOURCES_KIND,
    cwd: named(cwd),
    entrypoints: entrypoints.map((path) => named(path)),
    build: options,
    compilerOptions: compilerOptions(cwd, root, build.tsconfig),
    nodeEnv: nodeEnv ?? null,
    files,
    aliases: aliasesOf(metafile, paths, cwd, named),
    asked,
    uncounted: uncountedIn({ metafile }),
  };
  requireBounds(sources);
  return sources;
}

/** Builds with every branch in. What has no effect and is not used is loaded, and is no input. */
async function runOpen(
  entrypoints: readonly string[],
  build: BundleConfig,
): Promise<{ readonly metafile: BuildMetafile; readonly paths: readonly string[] }> {
  const loaded = new Set<string>();
  const { metafile } = await runBundler({
    ...build,
    entrypoints: [...entrypoints],
    external: [...(build.external ?? []), UNKNOWN_FLAGS],
    plugins: [openFlags(loaded)],
  });
  const paths = [...loaded];
  const page = paths.find((path) => /\.html?$/i.test(path));
  if (page !== undefined) throw notPushed(`the page ${page}`);
  return { metafile, paths };
}

/**
 * Leaves every branch in: nothing says which flags are on.
 *
 * @param loaded gets the path of each file that is read
 */
function openFlags(loaded: Set<string>): BunPlugin {
  return {
    name: "immuconfig-open-flags",
    setup(builder) {
      builder.onResolve({ filter: RECORD_IMPORT }, ({ path }) => ({ path, external: true }));
      builder.onLoad({ filter: /^/ }, ({ path }) => {
        loaded.add(path);
        if (!SOURCE_FILE.test(path)) return undefined;
        const code = readSource(path).toString();
        if (!code.includes(FLAGS_MODULE)) return undefined;
        return { contents: code.replaceAll(FLAGS_MODULE, UNKNOWN_FLAGS), loader: languageOf(path) };
      });
    },
  };
}

function pushedOptions(build: BundleConfig): PushedOptions {
  const pushed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(build)) {
    if (PUSHED_OPTIONS.some((one) => one === name)) pushed[name] = value;
    else if (name !== "tsconfig") throw notPushed(`the option ${name}`);
  }
  const path = build.external?.find((one) => /^[./]/.test(one) || isAbsolute(one));
  if (path !== undefined) throw notPushed(`--external ${path}, a path`);
  return pushed;
}

function notPushed(what: string): ImmuconfigError {
  return valueError(
    `${what} has no meaning on another machine`,
    "Leave it out, or look at the ledger here: bun-config ledger ENTRY --html FILE.",
  );
}

function commonFolder(folders: readonly string[]): string {
  const [first = sep, ...others] = folders;
  let common = first;
  for (const folder of others) {
    while (folder !== common && !liesBelow(folder, common) && dirname(common) !== common) {
      common = dirname(common);
    }
  }
  return common;
}

/** Of every package that a file may belong to: it says how its modules are found, and whether they have effects. */
function manifestsOf(paths: readonly string[], root: string): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let at = dirname(path); at.length >= root.length && !folders.has(at); at = dirname(at)) {
      folders.add(at);
      if (dirname(at) === at) break;
    }
  }
  return [...folders]
    .map((folder) => join(folder, "package.json"))
    .filter((path) => existsSync(path));
}

function pushedFile(path: string, name: string): PushedFile {
  const bytes = readSource(path);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { path: name, text };
  } catch {
    return { path: name, base64: bytes.toString("base64") };
  }
}

/** Where words lead elsewhere than a resolver that knows the pushed files alone would find. */
function aliasesOf(
  { inputs }: BuildMetafile,
  loaded: readonly string[],
  cwd: string,
  named: (path: string) => string,
): PushedSources["aliases"] {
  const found: PushedSources["aliases"][number][] = [];
  const known = new Set(loaded);
  const add = (from: string, specifier: string, to: string): void => {
    const [importer, path] = [named(from), named(to)];
    if (known.has(resolve(cwd, to)) && !isFoundBy(specifier, importer, path)) {
      found.push({ importer, specifier, path });
    }
  };
  for (const [importer, { imports }] of Object.entries(inputs)) {
    for (const { path, original } of imports) {
      if (original !== undefined) add(importer, original, path);
    }
  }
  for (const path of loaded) {
    if (relative(cwd, path) in inputs || !SOURCE_FILE.test(path)) continue;
    const transpiler = new Bun.Transpiler({ loader: languageOf(path) });
    for (const { path: specifier } of transpiler.scanImports(readSource(path))) {
      const to = resolved(specifier, path);
      if (to !== undefined) add(path, specifier, to);
    }
  }
  return found;
}

/** Whether a specifier is a path, or names a package in a node_modules above the importer. */
function isFoundBy(specifier: string, importer: string, path: string): boolean {
  if (/^\.{1,2}(?:\/|$)/.test(specifier)) return true;
  const [, name = ""] = /^((?:@[^/]+\/)?[^/]+)/.exec(specifier) ?? [];
  const marker = `node_modules/${name}/`;
  const at = `/${path}`.lastIndexOf(`/${marker}`);
  return at !== -1 && importer.startsWith(path.slice(0, at));
}

function resolved(specifier: string, importer: string): string | undefined {
  try {
    return Bun.resolveSync(specifier, dirname(importer));
  } catch {
    return undefined;
  }
}

/** What the nearest tsconfig.json says, and those that it extends. */
function compilerOptions(cwd: string, root: string, given: string | undefined): CompilerOptions {
  let path = given === undefined ? nearestConfig(cwd, root) : resolve(cwd, given);
  const options: Record<string, unknown> = {};
  for (let depth = 0; path !== undefined && depth < EXTENDS_DEPTH_MAX; depth++) {
    const text = readTextIfThere(path, SETTINGS_FILE_SIZE_MAX);
    const config = parseJsoncObject(text ?? "");
    if (config === undefined) break;
    const { compilerOptions: own, extends: base } = config;
    if (isObject(own)) {
      for (const [name, value] of Object.entries(own)) options[name] ??= value;
    }
    path =
      typeof base === "string" && base.startsWith(".") ? resolve(dirname(path), base) : undefined;
  }
  const known: Record<string, boolean | string> = {};
  for (const name of COMPILER_OPTIONS) {
    const value = options[name];
    if (typeof value === "boolean" || typeof value === "string") known[name] = value;
  }
  return known;
}

function nearestConfig(cwd: string, root: string): string | undefined {
  for (let at = cwd; at.length >= root.length; at = dirname(at)) {
    const path = join(at, "tsconfig.json");
    if (existsSync(path)) return path;
    if (dirname(at) === at) break;
  }
  return undefined;
}

function requireBounds(sources: PushedSources): void {
  const { length } = sources.files;
  const size = Buffer.byteLength(JSON.stringify(sources));
  if (length <= SOURCES_FILE_COUNT_MAX && size <= SOURCES_SIZE_MAX) return;
  throw valueError(
    `the sources are ${length} files, ${size} bytes; a control plane takes ${SOURCES_FILE_COUNT_MAX} and ${SOURCES_SIZE_MAX}`,
    "Leave packages out: --packages external.",
  );
}

/**
 * The options of `bun build`, each with its place among those of `Bun.build`, which checks the
 * values: `--jsx-factory h` is `{ jsx: { factory: "h" } }`.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import type { BundleConfig } from "../../../bundle/build/bundle.ts";
import { type CommandArguments, type OptionSpec, usageError } from "../../args/arguments.ts";
import type { Context } from "../../command.ts";
import { readBunfig } from "./bunfig.ts";

/** Options of `Bun.build` in the making: groups and values by name. */
interface Draft {
  [name: string]: Draft | boolean | number | string | string[] | undefined;
}

interface BunOption extends OptionSpec {
  /** @param values one for each time the option was given; none for a switch */
  readonly apply: (draft: Draft, values: readonly string[]) => void;
}

type BunOptions = Readonly<Record<string, BunOption>>;

const TARGET: BunOption = text("TARGET", "browser, bun, node, or bun-OS-ARCH", "target");

const OUTPUT_OPTIONS: BunOptions = {
  sourcemap: {
    ...text("KIND", "linked, inline, external or none", "sourcemap"),
    whenBare: "linked",
  },
  "public-path": text("PREFIX", "prefix of import paths", "publicPath"),
  "entry-naming": text("PATTERN", "names of entries", "naming.entry"),
  "chunk-naming": text("PATTERN", "names of chunks", "naming.chunk"),
  "asset-naming": text("PATTERN", "names of assets", "naming.asset"),
};

const BUNDLE_OPTIONS: BunOptions = {
  banner: text("TEXT", "put text in front", "banner"),
  footer: text("TEXT", "put text behind", "footer"),
  format: text("FORMAT", "esm, cjs or iife", "format"),
  root: text("PATH", "root of several entry points", "root"),
  splitting: flag("split code into chunks", "splitting"),
  "no-split-require": flag("keep required modules in their chunk", "splitRequire", false),
  "no-module-preload": flag("emit no modulepreload links", "modulePreload", false),
  "min-chunk-size": number("BYTES", "fold smaller chunks", "minChunkSize"),
};

const SOURCE_OPTIONS: BunOptions = {
  target: { ...TARGET, apply: setTarget },
  external: { ...list("NAME", "leave a module out", "external"), short: "e" },
  packages: text("KIND", "bundle or external", "packages"),
  "allow-unresolved": {
    ...list("GLOB", "allow these unresolved imports", "allowUnresolved"),
    apply: (draft, globs) => {
      draft["allowUnresolved"] = globs.map((glob) => (glob === "<empty>" ? "" : glob));
    },
  },
  "reject-unresolved": {
    ...flag("fail on unresolved imports", "allowUnresolved"),
    apply: (draft) => (draft["allowUnresolved"] = []),
  },
  conditions: list("NAME", "conditions of package exports", "conditions"),
  env: text("KIND", "inline, disable or PREFIX_*", "env"),
  define: { ...pairs("NAME=VALUE", "replace a name by a value", "define"), short: "d" },
  drop: list("NAME", "drop calls of a function", "drop"),
  loader: { ...pairs(".EXT:LOADER", "loader of a file extension", "loader"), short: "l" },
  "tsconfig-override": text("PATH", "another tsconfig.json", "tsconfig"),
  "jsx-runtime": text("KIND", "automatic or classic", "jsx.runtime"),
  "jsx-factory": text("NAME", "factory of elements", "jsx.factory"),
  "jsx-fragment": text("NAME", "factory of fragments", "jsx.fragment"),
  "jsx-import-source": text("NAME", "module of the runtime", "jsx.importSource"),
  "jsx-side-effects": flag("elements have side effects", "jsx.sideEffects"),
  "react-fast-refresh": flag("React Fast Refresh", "reactFastRefresh"),
  "react-compiler": flag("React Compiler", "reactCompiler"),
  check: flag("type check first", "check"),
};

const MINIFY_OPTIONS: BunOptions = {
  production: {
    ...flag("NODE_ENV=production, and minify", ""),
    apply: (draft) => {
      minifyAll(draft);
      draft["production"] = true;
      place(draft, "jsx.development", false);
    },
  },
  minify: { ...flag("minify all", ""), apply: minifyAll },
  "minify-syntax": flag("shorten syntax (the default)", "minify.syntax"),
  "no-minify-syntax": flag("leave syntax, and some dead code", "minify.syntax", false),
  "minify-whitespace": flag("drop white space", "minify.whitespace"),
  "minify-identifiers": flag("shorten names", "minify.identifiers"),
  "keep-names": flag("keep names of functions", "minify.keepNames"),
  "ignore-dce-annotations": flag("do not believe @__PURE__", "ignoreDCEAnnotations"),
  "emit-dce-annotations": flag("write @__PURE__", "emitDCEAnnotations"),
  "no-deprecated-namespace-object-setters": flag(
    "namespace objects without setters",
    "deprecatedNamespaceObjectSetters",
    false,
  ),
};

const COMPILE_OPTIONS: BunOptions = {
  compile: {
    ...flag("write an executable that needs no Bun", ""),
    apply: (draft) => void group(draft, "compile"),
  },
  "compile-exec-argv": {
    ...list("ARGS", "put arguments before the executable's own", ""),
    apply: (draft, values) => {
      const words = values.flatMap((value) => value.split(" ").filter(Boolean));
      place(draft, "compile.execArgv", words);
    },
  },
  "compile-jit-policy": number("N", "scale the thresholds of the JIT", "compile.jitPolicy"),
  "compile-executable-path": text(
    "PATH",
    "the Bun to put the program into",
    "compile.executablePath",
  ),
  ...autoload("dotenv", "compile.autoloadDotenv"),
  ...autoload("bunfig", "compile.autoloadBunfig", "do not (the default: a preload is not found)"),
  ...autoload("tsconfig", "compile.autoloadTsconfig"),
  ...autoload("package-json", "compile.autoloadPackageJson"),
  asset: list("PATH", "put a file or folder into the executable", "compile.assets"),
  bytecode: flag("compile to bytecode", "bytecode"),
  "bytecode-depth": number("N", "levels of functions compiled to bytecode", "bytecodeDepth"),
  "bytecode-order": {
    ...list("PATH", "lay bytecode out in recorded order", ""),
    apply: (draft, values) => {
      const paths = values.flatMap((value) => value.split(","));
      place(draft, "compile.bytecodeOrder", paths);
    },
  },
  "no-optimize-bytecode": flag("do not optimise bytecode", "optimize.bytecode", false),
  "windows-hide-console": flag("open no console", "compile.windows.hideConsole"),
  "windows-icon": text("PATH", "icon", "compile.windows.icon"),
  "windows-title": text("TEXT", "product name", "compile.windows.title"),
  "windows-publisher": text("TEXT", "company name", "compile.windows.publisher"),
  "windows-version": text("VERSION", "as 1.2.3.4", "compile.windows.version"),
  "windows-description": text("TEXT", "description", "compile.windows.description"),
  "windows-copyright": text("TEXT", "copyright", "compile.windows.copyright"),
};

const REFUSED_OPTIONS: BunOptions = {
  watch: refused("watch", "each build is one check of one record"),
  "no-clear-screen": refused("no-clear-screen", "it belongs to --watch"),
  "no-bundle": refused("no-bundle", "without the graph, the sources cannot be checked"),
  app: refused("app", "Bun.build has no such option"),
  "css-chunking": refused("css-chunking", "Bun.build has no such option"),
  "metafile-md": refused("metafile-md", "Bun.build has no such option"),
};

/** The options that say what a bundle holds, for commands that write none. */
export const BUILD_ONLY_OPTIONS: BunOptions = {
  ...BUNDLE_OPTIONS,
  ...SOURCE_OPTIONS,
  ...MINIFY_OPTIONS,
};

/** By name, in the order of the help. */
export const BUN_BUILD_OPTIONS: BunOptions = {
  ...OUTPUT_OPTIONS,
  ...BUILD_ONLY_OPTIONS,
  ...COMPILE_OPTIONS,
  ...REFUSED_OPTIONS,
};

/** What a command line asks for, before the files of the folder are heard. */
export interface AskedConfig extends BundleConfig {
  /** `--production`, which a define of one's own goes before. */
  readonly production?: boolean;
}

/**
 * What the words of a command line mean for `Bun.build`. Pure.
 *
 * @throws ImmuconfigError `ERR_USAGE` for an option that is not possible
 */
export function bundleConfig(args: CommandArguments): AskedConfig {
  const draft: Draft = {};
  for (const [name, { apply }] of Object.entries(BUN_BUILD_OPTIONS)) {
    if (args.isGiven(name)) apply(draft, args.values(name));
  }
  // Without --compile these say nothing to `bun build` either.
  if (!args.has("compile")) delete draft["compile"];
  // Bun checks it, whatever stands in it.
  return draft;
}

/**
 * What the files of the working folder say, as `bun build` takes it: a table of bunfig.toml goes where
 * the command line has one, and is not joined with it.
 *
 * @throws ImmuconfigError `ERR_READ`; `ERR_VALUE`, also for what `Bun.build` would take otherwise
 */
export function withFolderSettings(
  { production = false, ...asked }: AskedConfig,
  { cwd, env }: Pick<Context, "cwd" | "env">,
): BundleConfig {
  const inlinesEnv = asked.env !== undefined && asked.env !== "disable";
  if (inlinesEnv && production) requireMode(cwd, env);
  const { jsx, ...tables } = readBunfig(cwd, inlinesEnv);
  const config: BundleConfig = { ...tables, ...asked };
  if (jsx !== undefined) config.jsx = { ...jsx, ...asked.jsx };
  if (production) config.define = { "process.env.NODE_ENV": '"production"', ...config.define };
  return config;
}

/** Bun's bundler chooses `.env` files by the `NODE_ENV` that its process was started with. */
function requireMode(cwd: string, env: Context["env"]): void {
  if ((env["NODE_ENV"] ?? "") !== "") return;
  const names = ["development", "production"].flatMap((mode) => [
    `.env.${mode}`,
    `.env.${mode}.local`,
  ]);
  const found = names.find((name) => existsSync(join(cwd, name)));
  if (found === undefined) return;
  throw new ImmuconfigError(
    "ERR_VALUE",
    `--production with --env: ${found} is here, and Bun reads such files by NODE_ENV, which is not set`,
    { hint: "Start it as NODE_ENV=production bun-config …" },
  );
}

function flag(summary: string, path: string, value = true): BunOption {
  return { summary, apply: (draft) => place(draft, path, value) };
}

function text(value: string, summary: string, path: string): BunOption {
  const apply: BunOption["apply"] = (draft, values) => place(draft, path, values.at(-1) ?? "");
  return { value, summary, apply };
}

function number(value: string, summary: string, path: string): BunOption {
  const apply: BunOption["apply"] = (draft, values) => {
    const given = values.at(-1) ?? "";
    // Bun refuses what is no number.
    place(draft, path, given.trim() === "" || Number.isNaN(Number(given)) ? given : Number(given));
  };
  return { value, summary, apply };
}

function list(value: string, summary: string, path: string): BunOption {
  const apply: BunOption["apply"] = (draft, values) => place(draft, path, [...values]);
  return { multiple: true, value, summary, apply };
}

function pairs(value: string, summary: string, path: string): BunOption {
  const apply: BunOption["apply"] = (draft, values) => {
    for (const pair of values) {
      const at = pair.search(/[=:]/);
      if (at < 1) throw usageError(`--${path} ${pair}: expected a name, "=" or ":", and a value`);
      group(draft, path)[pair.slice(0, at)] = pair.slice(at + 1);
    }
  };
  return { multiple: true, value, summary, apply };
}

/** An option that this command cannot honour. */
function refused(name: string, reason: string): BunOption {
  const apply = (): never => {
    throw usageError(`--${name} is not possible here: ${reason}`, "Use bun build for it.");
  };
  return { summary: `refused: ${reason}`, apply };
}

function autoload(name: string, path: string, off = "do not"): BunOptions {
  const option = `compile-autoload-${name}`;
  return {
    [option]: flag("let the executable read that file", path),
    [`no-${option}`]: flag(off, path, false),
  };
}

function minifyAll(draft: Draft): void {
  const minify = group(draft, "minify");
  minify["syntax"] ??= true;
  minify["whitespace"] = true;
  minify["identifiers"] = true;
}

/** `bun-linux-x64` is a target of executables, and Bun's for the bundle. */
function setTarget(draft: Draft, values: readonly string[]): void {
  const target = values.at(-1) ?? "";
  const isExecutable = target.startsWith("bun-");
  if (isExecutable) place(draft, "compile.target", target);
  draft["target"] = isExecutable ? "bun" : target;
}

/** @param path of names with dots between them */
function place(draft: Draft, path: string, value: boolean | number | string | string[]): void {
  const names = path.split(".");
  const last = names.pop() ?? "";
  let target = draft;
  for (const name of names) target = group(target, name);
  target[last] = value;
}

function group(draft: Draft, name: string): Draft {
  const found = draft[name];
  if (typeof found === "object" && !Array.isArray(found)) return found;
  const made: Draft = {};
  draft[name] = made;
  return made;
}

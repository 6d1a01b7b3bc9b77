/** The options of `bun build`, and what each means for `Bun.build`. */

import { usageError } from "../../args/arguments.ts";
import { COMMON_OPTIONS, minifyAll } from "./common_options.ts";
import { type BuildOption, flag, list, oneOf, text } from "./option_kinds.ts";

/** An option that this command cannot honour. */
function refused(name: string, reason: string): BuildOption {
  return flag(`refused: ${reason}`, () => {
    throw usageError(`--${name} is not possible here: ${reason}`, "Use bun build for it.");
  });
}

const COMPILE_OPTIONS: Readonly<Record<string, BuildOption>> = {
  compile: flag("write an executable that needs no Bun", (plan) => (plan.isExecutable = true)),
  "compile-exec-argv": list("ARGS", "put arguments before the executable's own", (plan, values) => {
    plan.compile.execArgv = values.flatMap((value) => value.split(" ").filter(Boolean));
  }),
  "compile-jit-policy": text("N", "scale the thresholds of the JIT", (plan, value) => {
    plan.compile.jitPolicy = numberOf("compile-jit-policy", value);
  }),
  "compile-executable-path": text("PATH", "the Bun to put the program into", (plan, value) => {
    plan.compile.executablePath = value;
  }),
  ...autoload("dotenv", "autoloadDotenv"),
  ...autoload("bunfig", "autoloadBunfig", "do not (the default: a preload in it is not found)"),
  ...autoload("tsconfig", "autoloadTsconfig"),
  ...autoload("package-json", "autoloadPackageJson"),
  asset: list("PATH", "put a file or folder into the executable", (plan, values) => {
    plan.compile.assets = [...values];
  }),
  bytecode: flag("compile to bytecode", ({ build }) => (build.bytecode = true)),
  "bytecode-depth": text("N", "levels of functions compiled to bytecode", ({ build }, value) => {
    build.bytecodeDepth = numberOf("bytecode-depth", value);
  }),
  "bytecode-order": list("PATH", "lay bytecode out in recorded order", (plan, values) => {
    plan.compile.bytecodeOrder = values.flatMap((value) => value.split(","));
  }),
  "no-optimize-bytecode": flag("do not optimise bytecode", ({ build }) => {
    build.optimize = { bytecode: false };
  }),
  "windows-hide-console": flag("open no console", ({ windows }) => (windows.hideConsole = true)),
  "windows-icon": text("PATH", "icon", ({ windows }, value) => (windows.icon = value)),
  "windows-title": text("TEXT", "product name", ({ windows }, value) => (windows.title = value)),
  "windows-publisher": text("TEXT", "company name", ({ windows }, value) => {
    windows.publisher = value;
  }),
  "windows-version": text("VERSION", "as 1.2.3.4", ({ windows }, value) => {
    windows.version = value;
  }),
  "windows-description": text("TEXT", "description", ({ windows }, value) => {
    windows.description = value;
  }),
  "windows-copyright": text("TEXT", "copyright", ({ windows }, value) => {
    windows.copyright = value;
  }),
};

const OUTPUT_OPTIONS: Readonly<Record<string, BuildOption>> = {
  outdir: COMMON_OPTIONS.outdir,
  outfile: COMMON_OPTIONS.outfile,
  metafile: {
    ...text("PATH", "write a description of the build as JSON", (plan, value) => {
      plan.metafile = value;
    }),
    whenBare: "meta.json",
  },
  sourcemap: COMMON_OPTIONS.sourcemap,
  "public-path": text("PREFIX", "prefix of import paths", ({ build }, value) => {
    build.publicPath = value;
  }),
  "entry-naming": text("PATTERN", "names of entries", ({ naming }, value) => {
    naming.entry = value;
  }),
  "chunk-naming": text("PATTERN", "names of chunks", ({ naming }, value) => (naming.chunk = value)),
  "asset-naming": text("PATTERN", "names of assets", ({ naming }, value) => (naming.asset = value)),
};

const BUNDLE_OPTIONS: Readonly<Record<string, BuildOption>> = {
  banner: text("TEXT", "put text in front", ({ build }, value) => (build.banner = value)),
  footer: text("TEXT", "put text behind", ({ build }, value) => (build.footer = value)),
  format: COMMON_OPTIONS.format,
  root: COMMON_OPTIONS.root,
  splitting: COMMON_OPTIONS.splitting,
  "no-split-require": flag("keep required modules in their chunk", ({ build }) => {
    build.splitRequire = false;
  }),
  "no-module-preload": flag("emit no modulepreload links", ({ build }) => {
    build.modulePreload = false;
  }),
  "min-chunk-size": text("BYTES", "fold smaller chunks", ({ build }, value) => {
    build.minChunkSize = numberOf("min-chunk-size", value);
  }),
};

const SOURCE_OPTIONS: Readonly<Record<string, BuildOption>> = {
  target: COMMON_OPTIONS.target,
  external: COMMON_OPTIONS.external,
  packages: COMMON_OPTIONS.packages,
  "allow-unresolved": list("GLOB", "allow these unresolved imports", ({ build }, values) => {
    build.allowUnresolved = values.map((value) => (value === "<empty>" ? "" : value));
  }),
  "reject-unresolved": flag("fail on unresolved imports", ({ build }) => {
    build.allowUnresolved = [];
  }),
  conditions: list("NAME", "conditions of package exports", ({ build }, values) => {
    build.conditions = [...values];
  }),
  env: text("KIND", "inline, disable or PREFIX_*", ({ build }, value) => {
    if (value !== "inline" && value !== "disable" && !isPattern(value)) {
      throw usageError(`--env ${value}: expected inline, disable, or a prefix with *`);
    }
    build.env = value;
  }),
  define: list(
    "NAME=VALUE",
    "replace a name by a value",
    ({ define }, values) => {
      for (const value of values) setPair("define", value, define);
    },
    "d",
  ),
  drop: list("NAME", "drop calls of a function", ({ build }, values) => {
    build.drop = [...values];
  }),
  loader: list(
    ".EXT:LOADER",
    "loader of a file extension",
    ({ loader }, values) => {
      for (const value of values) setPair("loader", value, loader);
    },
    "l",
  ),
  "tsconfig-override": text("PATH", "another tsconfig.json", ({ build }, value) => {
    build.tsconfig = value;
  }),
  "jsx-runtime": text("KIND", "automatic or classic", ({ jsx }, value) => {
    jsx.runtime = oneOf("jsx-runtime", value, ["automatic", "classic"]);
  }),
  "jsx-factory": text("NAME", "factory of elements", ({ jsx }, value) => (jsx.factory = value)),
  "jsx-fragment": text("NAME", "factory of fragments", ({ jsx }, value) => (jsx.fragment = value)),
  "jsx-import-source": text("NAME", "module of the runtime", ({ jsx }, value) => {
    jsx.importSource = value;
  }),
  "jsx-side-effects": flag("elements have side effects", ({ jsx }) => (jsx.sideEffects = true)),
  "react-fast-refresh": flag("React Fast Refresh", ({ build }) => (build.reactFastRefresh = true)),
  "react-compiler": flag("React Compiler", ({ build }) => (build.reactCompiler = true)),
  check: flag("type check first", ({ build }) => (build.check = true)),
};

const MINIFY_OPTIONS: Readonly<Record<string, BuildOption>> = {
  production: flag("NODE_ENV=production, and minify", ({ minify, define, jsx }) => {
    minifyAll(minify);
    define["process.env.NODE_ENV"] = '"production"';
    jsx.development = false;
  }),
  minify: COMMON_OPTIONS.minify,
  "minify-syntax": COMMON_OPTIONS["minify-syntax"],
  "no-minify-syntax": flag("leave syntax, and some dead code", ({ minify }) => {
    minify.syntax = false;
  }),
  "minify-whitespace": COMMON_OPTIONS["minify-whitespace"],
  "minify-identifiers": COMMON_OPTIONS["minify-identifiers"],
  "keep-names": flag("keep names of functions", ({ minify }) => (minify.keepNames = true)),
  "ignore-dce-annotations": flag("do not believe @__PURE__", ({ build }) => {
    build.ignoreDCEAnnotations = true;
  }),
  "emit-dce-annotations": flag("write @__PURE__", ({ build }) => (build.emitDCEAnnotations = true)),
  "no-deprecated-namespace-object-setters": flag("namespace objects without setters", (plan) => {
    plan.build.deprecatedNamespaceObjectSetters = false;
  }),
};

const REFUSED_OPTIONS: Readonly<Record<string, BuildOption>> = {
  watch: refused("watch", "each build is one check of one record"),
  "no-clear-screen": refused("no-clear-screen", "it belongs to --watch"),
  "no-bundle": refused("no-bundle", "without the graph, the sources cannot be checked"),
  app: refused("app", "Bun.build has no such option"),
  "css-chunking": refused("css-chunking", "Bun.build has no such option"),
  "metafile-md": refused("metafile-md", "Bun.build has no such option"),
};

/** The options that say what a bundle holds, for commands that write none. */
export const BUILD_ONLY_OPTIONS: Readonly<Record<string, BuildOption>> = {
  ...BUNDLE_OPTIONS,
  ...SOURCE_OPTIONS,
  ...MINIFY_OPTIONS,
};

/** By name, in the order of the help. */
export const BUN_BUILD_OPTIONS: Readonly<Record<string, BuildOption>> = {
  ...OUTPUT_OPTIONS,
  ...BUILD_ONLY_OPTIONS,
  ...COMPILE_OPTIONS,
  ...REFUSED_OPTIONS,
};

function autoload(
  name: string,
  key: "autoloadDotenv" | "autoloadBunfig" | "autoloadTsconfig" | "autoloadPackageJson",
  off = "do not",
): Record<string, BuildOption> {
  const option = `compile-autoload-${name}`;
  return {
    [option]: flag("let the executable read that file", ({ compile }) => (compile[key] = true)),
    [`no-${option}`]: flag(off, ({ compile }) => (compile[key] = false)),
  };
}

function setPair(option: string, pair: string, target: Record<string, string>): void {
  const at = pair.search(/[=:]/);
  if (at < 1) throw usageError(`--${option} ${pair}: expected a name, "=" or ":", and a value`);
  target[pair.slice(0, at)] = pair.slice(at + 1);
}

function numberOf(option: string, value: string): number {
  const number = Number(value);
  if (value !== "" && Number.isFinite(number) && number >= 0) return number;
  throw usageError(`--${option} ${value}: expected a number`);
}

function isPattern(value: string): value is `${string}*` {
  return value.endsWith("*");
}

// Builds dist/ of every package (scripts/build/packages.ts): JavaScript files, shared chunks, declarations.
// `--if-stale` does nothing when the sources have not changed since the last build.
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { Glob } from "bun";
import { writeDeclarations } from "./build/declarations.ts";
import { namesTaken, Parts, placeReferences, type SharedFile } from "./build/parts.ts";
import { distOf, doors, entryPoints, type Package, PACKAGES, ROOT } from "./build/packages.ts";
import { cleanOptions } from "../src/cli/clean_start.ts";
import { featureStates } from "../src/runtime/snapshot.ts";
import { readConfigFile } from "../src/trust/verified.ts";

/** This repository is built by its own record. */
const record = readConfigFile(join(ROOT, "bunfig.lockb"), process.env);
const ownFeatures = Object.entries(featureStates(record, record.record.featureFlags))
  .filter(([, enabled]) => enabled)
  .map(([name]) => name);
const stamp = join(ROOT, "dist", ".built-from");

const sources = [
  ...new Glob("src/**/*.{ts,tsx,html,css}").scanSync(ROOT),
  ...new Glob("packages/*/package.json").scanSync(ROOT),
  ...new Glob("scripts/build/*.ts").scanSync(ROOT),
  "package.json",
  "bun.lock",
  "bunfig.lockb",
  "scripts/build.ts",
].toSorted();
const hash = createHash("sha256");
for (const path of sources) hash.update(path).update(readFileSync(join(ROOT, path)));
const builtFrom = hash.digest("hex");

/**
 * Puts the packages where an install would, for one another and for tests. No workspaces: they would stand in
 * what is published, and Yarn 1 warns of that.
 */
function linkPackages(): void {
  for (const { folder, manifest } of PACKAGES) {
    const place = join(ROOT, "node_modules", manifest.name);
    if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true) continue;
    mkdirSync(dirname(place), { recursive: true });
    const target = join(ROOT, folder);
    const isWindows = process.platform === "win32";
    // Windows lets everybody make a junction, whose target is absolute.
    symlinkSync(isWindows ? target : relative(dirname(place), target), place, "junction");
  }
}

async function build(): Promise<void> {
  for (const each of PACKAGES) await buildPackage(each);
  writeDoors();
  await buildDashboard();
  makeLauncher(join(ROOT, "dist/cli/config.js"));
  writeDeclarations(PACKAGES);
  writeFileSync(stamp, builtFrom);
}

async function buildPackage(each: Package): Promise<void> {
  rmSync(distOf(each), { recursive: true, force: true });
  const parts = await Parts.of(each);
  const sharedFiles = parts.sharedFiles();
  for (const shared of sharedFiles) {
    await buildShared(each, parts, shared);
    parts.checkShared(shared.file, join(distOf(each), shared.file));
  }
  for (const path of each.singleFiles) {
    const kind = each.aloneFiles.includes(path) ? "alone" : "single";
    const minify = { syntax: true, whitespace: isSmall(each, path) };
    await bundle(each, [path], { minify, plugins: [parts.plugin(kind, [path])] });
  }
  const apart = [...entryPoints(each), ...each.beside, ...parts.deferred].filter(
    (path) => !each.singleFiles.includes(path),
  );
  for (const small of [true, false]) {
    const paths = [...new Set(apart)].filter((path) => isSmall(each, path) === small);
    const minify = { syntax: true, whitespace: small };
    const plugins = [parts.plugin("split", paths)];
    await bundle(each, paths, { splitting: true, minify, plugins });
  }
  for (const shared of sharedFiles.toReversed()) {
    await buildShared(each, parts, shared, namesTaken(each, shared.file));
  }
}

function isSmall({ small }: Package, path: string): boolean {
  return small.some((each) => path.startsWith(each));
}

/** The others are built against all of it; what none of them took need not be read at every start. */
async function buildShared(
  each: Package,
  parts: Parts,
  shared: SharedFile,
  names?: ReadonlySet<string>,
): Promise<void> {
  const source = relative(ROOT, shared.path);
  const minify = { syntax: true, whitespace: isSmall(each, source) };
  const plugins = [parts.plugin("single", [source])];
  const files = { [shared.path]: parts.sharedText(shared, names) };
  await bundle(each, [source], { files, minify, plugins });
}

async function bundle(
  each: Package,
  paths: readonly string[],
  options: Partial<Bun.BuildConfig>,
): Promise<void> {
  if (paths.length === 0) return;
  const result = await Bun.build({
    entrypoints: paths.map((path) => join(ROOT, path)),
    root: join(ROOT, "src"),
    outdir: distOf(each),
    target: "bun",
    format: "esm",
    packages: "external",
    minify: { syntax: true },
    features: ownFeatures,
    // src/base/package_root.ts asks.
    define: { IN_COMPANION: String(each.folder !== "") },
    naming: { chunk: "chunks/[hash].[ext]" },
    ...options,
  });
  for (const log of result.logs) console.error(log);
  for (const { path } of result.outputs) {
    if (!path.endsWith(".js")) continue;
    const built = readFileSync(path, "utf8");
    const isNodeStart = NODE_STARTS.has(path);
    const text = keepRequires(built, isNodeStart ? NODE_REQUIRE : REQUIRE);
    const placed = placeReferences(text, path, each);
    const started = COMMAND_STARTS.has(path) ? loadAtOnce(placed) : placed;
    writeFileSync(path, isNodeStart ? lightenStart(started) : started);
  }
}

/** What people import is `immuconfig/vite`; what they get is in `@immuconfig/build`. */
function writeDoors(): void {
  for (const { path, target, source } of doors()) {
    const { exports } = new Bun.Transpiler({ loader: "js" }).scan(readFileSync(source, "utf8"));
    const from = `from ${JSON.stringify(target)};\n`;
    const main = exports.includes("default") ? `export { default } ${from}` : "";
    mkdirSync(dirname(path), { recursive: true });
    for (const extension of ["js", "d.ts"]) {
      writeFileSync(`${path}.${extension}`, `export * ${from}${main}`);
    }
  }
}

/** The control plane's page: all that it loads is in files of its own, named by their content. */
async function buildDashboard(): Promise<void> {
  await Bun.build({
    entrypoints: [join(ROOT, "src/api/dashboard/index.html")],
    outdir: join(ROOT, "packages/server/dist/api/dashboard"),
    publicPath: "/",
    minify: true,
    features: ownFeatures,
  });
}

/**
 * Starts the command without the settings of the folder that it runs in (src/cli/clean_start.ts), under
 * every launcher: by Bun, or by Node where there is no Bun. Node reads no file of the folder, and what
 * npm makes of the folder's .npmrc is taken from it. A shell runs the second line, whose first word is
 * a folder to it; to Bun the line is a comment that says that the file need not be transpiled.
 */
const LAUNCHER = [
  "#!/usr/bin/env sh\n// @bun 2>/dev/null",
  `if command -v bun >/dev/null; then test "$OS" != Windows_NT || ${execBun(true)}`,
  `${execBun(false)}; fi`,
  'test -z "${npm_config_node_options+set}" || unset NODE_OPTIONS',
  'command -v node >/dev/null && exec node "$0" "$@"',
  'echo "immuconfig runs on Bun or Node, and neither is on the PATH: https://bun.sh" >&2',
  "exit 127\n",
].join("; ");

function execBun(isWindows: boolean): string {
  return `exec bun ${cleanOptions(isWindows).join(" ")} "$0" "$@"`;
}

function makeLauncher(path: string): void {
  const text = readFileSync(path, "utf8");
  const head = "#!/usr/bin/env bun\n// @bun\n";
  if (!text.startsWith(head)) throw new Error(`${path} does not begin as Bun's bundles do`);
  writeFileSync(path, LAUNCHER + text.slice(head.length));
}

const REQUIRE = '(typeof require === "undefined" ? import.meta.require($1) : require($1))';
/** No bundler reads a file that has it (package.json, the condition `module-sync`). */
const NODE_REQUIRE = 'process.getBuiltinModule("module").createRequire(import.meta.url)($1)';
const REQUIRE_ALIAS = /\bvar __require ?= ?import\.meta\.require;\n?/;

/**
 * Spells out what Bun renamed to `__require`: whoever bundles the package for a program must see
 * which file is loaded. A built file itself has no `require`, because Bun does not transpile it
 * again, which is quicker.
 */
function keepRequires(text: string, replacement: string): string {
  if (!REQUIRE_ALIAS.test(text)) return text;
  return text.replace(REQUIRE_ALIAS, "").replaceAll(/__require\(("[^"]+")\)/g, replacement);
}

/** What programs under Node start with. */
const NODE_STARTS = new Set(
  [
    "index.js",
    "index_node.js",
    "live/index.js",
    "live/index_node.js",
    "runtime/load.js",
    "live/rest.js",
    "shared.js",
  ].map((name) => join(ROOT, "dist", name)),
);
const BUILTIN_IMPORT = /^import \{([^}]*)\} from ("(?:fs|path)");/gm;

/**
 * Takes what a start under Node needs of the built-in modules from these themselves. An import of `fs`
 * looks at everything that it has, which loads all of Node's streams: several milliseconds.
 */
function lightenStart(text: string): string {
  return text.replaceAll(
    BUILTIN_IMPORT,
    (_, names: string, module: string) =>
      `var {${names.replaceAll(/(\w+) as (\w+)/g, "$1: $2")}} = process.getBuiltinModule(${module});`,
  );
}

/** What every command starts with. */
const COMMAND_STARTS = new Set(
  ["cli/config.js", "cli/start.js"].map((name) => join(ROOT, "dist", name)),
);

/**
 * Has Bun load the next file as it does for `require`: at once. For an `import()` it starts threads, and the
 * command waits for them. Both give a module, and each is awaited.
 */
function loadAtOnce(text: string): string {
  const either = "(import.meta.require ? import.meta.require($1) : import($1))";
  return text.replaceAll(/\bimport\(("\.[^"]+")\)/g, either);
}

linkPackages();
const fresh =
  existsSync(stamp) &&
  readFileSync(stamp, "utf8") === builtFrom &&
  PACKAGES.every((each) => existsSync(distOf(each)));
if (!(fresh && process.argv.includes("--if-stale"))) await build();

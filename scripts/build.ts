// Builds dist/: one JavaScript file an entry point, shared chunks, and type declarations.
// `--if-stale` does nothing when the sources have not changed since the last build.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { Glob } from "bun";
import { CLEAN_OPTIONS } from "../src/cli/clean_start.ts";
import { featureStates } from "../src/runtime/snapshot.ts";
import { readConfigFile } from "../src/trust/verified.ts";
import manifest from "../package.json" with { type: "json" };

const root = join(import.meta.dir, "..");
const dist = join(root, "dist");
/** This repository is built by its own record. */
const record = readConfigFile(join(root, "bunfig.lockb"), process.env);
const ownFeatures = Object.entries(featureStates(record, record.record.featureFlags))
  .filter(([, enabled]) => enabled)
  .map(([name]) => name);
const stamp = join(dist, ".built-from");

const sources = [...new Glob("src/**/*.{ts,tsx,html,css}").scanSync(root)].toSorted();
const hash = createHash("sha256");
for (const path of [...sources, "package.json", "bun.lock", "bunfig.lockb", "scripts/build.ts"]) {
  hash.update(path).update(readFileSync(join(root, path)));
}
const builtFrom = hash.digest("hex");
const fresh = existsSync(stamp) && readFileSync(stamp, "utf8") === builtFrom;
/**
 * What programs start with: each is one file, because every further file costs a program's start
 * more than reading it. What they load when it is needed is built apart.
 */
const SINGLE_FILES = [
  "src/index.ts",
  "src/index_bun.ts",
  "src/runtime/load.ts",
  "src/core.ts",
  "src/live/index.ts",
  "src/live/index_bun.ts",
  "src/live/view.ts",
  "src/register.ts",
  "src/cli/config.ts",
  "src/cli/start.ts",
  "src/cli/commands/record/set.ts",
  "src/cli/commands/record/feature.ts",
  "src/cli/commands/record/verify.ts",
  "src/cli/files/change_file.ts",
  "src/cli/development.ts",
  "src/cli/development_commands.ts",
  "src/cli/commands/build/build.ts",
];

/**
 * These two are made as small as can be, which starts a little faster. The others keep their lines:
 * Bun shows them to the user when an error is not caught.
 */
const SMALL_FILES = new Set(["src/index_bun.ts", "src/live/index_bun.ts", "src/cli/config.ts"]);

/** Files that a bundler, a thread or the command line loads by their path. */
const BESIDE = ["src/bundle/adapters/rspack_loader.ts", "src/api/db/sqlite_worker.ts"];

async function build(): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  const lazy = new Set<string>();
  for (const path of SINGLE_FILES) {
    await bundle([path], {
      minify: { syntax: true, whitespace: SMALL_FILES.has(path) },
      plugins: [deferredApart(path, lazy)],
    });
  }
  const apart = [...entryPoints(), ...BESIDE, ...lazy].filter(
    (path) => !SINGLE_FILES.includes(path),
  );
  await bundle([...new Set(apart)], { splitting: true });
  makeLauncher(join(dist, "cli/config.js"));
  await buildDashboard();
  const declarations = Bun.spawnSync(
    ["bun", "x", "--no-install", "tsc", "-p", "tsconfig.build.json"],
    { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
  );
  if (declarations.exitCode !== 0) process.exit(1);
  declareBundleModule();
  writeFileSync(stamp, builtFrom);
}

/** Types of `bun:bundle` come with the package's own: TypeScript copies no declarations by itself. */
function declareBundleModule(): void {
  const name = "runtime/bun_bundle.d.ts";
  copyFileSync(join(root, "src", name), join(dist, name));
  const index = join(dist, "index.d.ts");
  writeFileSync(index, `/// <reference path="./${name}" />\n${readFileSync(index, "utf8")}`);
}

async function bundle(paths: readonly string[], options: Partial<Bun.BuildConfig>): Promise<void> {
  const result = await Bun.build({
    entrypoints: paths.map((path) => join(root, path)),
    root: join(root, "src"),
    outdir: dist,
    target: "bun",
    format: "esm",
    packages: "external",
    minify: { syntax: true },
    features: ownFeatures,
    naming: { chunk: "chunks/[name]-[hash].[ext]" },
    ...options,
  });
  for (const log of result.logs) console.error(log);
  for (const { path } of result.outputs) keepRequires(path);
}

/** The control plane's page: all that it loads is in files of its own, named by their content. */
async function buildDashboard(): Promise<void> {
  await Bun.build({
    entrypoints: [join(root, "src/api/dashboard/index.html")],
    outdir: join(dist, "api/dashboard"),
    publicPath: "/",
    minify: true,
    features: ownFeatures,
  });
}

/**
 * Starts the command without the settings of the folder that it runs in (src/cli/clean_start.ts), under
 * every launcher. A shell runs the second line, whose first word is a folder to it; to Bun the line is a
 * comment that says that the file need not be transpiled.
 */
const LAUNCHER = `#!/bin/sh
// @bun 2>/dev/null; command -v bun >/dev/null || { echo "immuconfig runs on Bun, and no bun is on the PATH: https://bun.sh" >&2; exit 127; }; exec bun ${CLEAN_OPTIONS.join(" ")} "$0" "$@"
`;

function makeLauncher(path: string): void {
  const text = readFileSync(path, "utf8");
  const head = "#!/usr/bin/env bun\n// @bun\n";
  if (!text.startsWith(head)) throw new Error(`${path} does not begin as Bun's bundles do`);
  writeFileSync(path, LAUNCHER + text.slice(head.length));
}

const REQUIRE_ALIAS = /\bvar __require ?= ?import\.meta\.require;\n?/;

/**
 * Spells out what Bun renamed to `__require`: whoever bundles the package for a program must see
 * which file is loaded. A built file itself has no `require`, because Bun does not transpile it
 * again, which is quicker.
 */
function keepRequires(path: string): void {
  if (!path.endsWith(".js")) return;
  const text = readFileSync(path, "utf8");
  if (!REQUIRE_ALIAS.test(text)) return;
  const spelled = text
    .replace(REQUIRE_ALIAS, "")
    .replaceAll(
      /__require\(("[^"]+")\)/g,
      '(typeof require === "undefined" ? import.meta.require($1) : require($1))',
    );
  writeFileSync(path, spelled);
}

/**
 * Leaves what an entry point loads when it is needed to the files that it will be in.
 *
 * @param entry relative to the repository
 * @param lazy takes the sources of those files
 */
function deferredApart(entry: string, lazy: Set<string>): Bun.BunPlugin {
  return {
    name: "deferred-apart",
    setup(builder) {
      builder.onResolve({ filter: /^\..*\.ts$/ }, ({ path, importer, kind }) => {
        if (kind !== "dynamic-import" && kind !== "require-call") return undefined;
        const source = relative(root, resolve(dirname(importer), path));
        lazy.add(source);
        const output = relative(dirname(entry), source).replace(/\.ts$/, ".js");
        return { path: output.startsWith(".") ? output : `./${output}`, external: true };
      });
    },
  };
}

/** The source of every file that package.json exports or links as a command. */
function entryPoints(): string[] {
  const exported = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === "string" ? [] : [entry.default],
  );
  return [...exported, ...Object.values(manifest.bin)].map((path) =>
    path.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts"),
  );
}

if (!(fresh && process.argv.includes("--if-stale"))) await build();

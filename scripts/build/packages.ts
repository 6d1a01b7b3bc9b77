// The packages of this repository: what goes into the dist/ of each, as paths relative to the repository.
import { join } from "node:path";
import immuconfig from "../../package.json" with { type: "json" };
import build from "../../packages/build/package.json" with { type: "json" };
import server from "../../packages/server/package.json" with { type: "json" };

export const ROOT = join(import.meta.dir, "..", "..");

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly [condition: string]: string }>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** Sources that are imported by each of the sources `by`, and are in no earlier file. */
interface SharedPart {
  readonly file: string;
  readonly by: readonly string[];
  /** How their paths begin; empty for any. */
  readonly within: readonly string[];
}

export interface Package {
  /** Of package.json and dist/, relative to the repository. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** What programs and commands start with: each is one file, and what it loads when it is needed is others. */
  readonly singleFiles: readonly string[];
  /** Of these, those for which one more file would cost a start more than reading it. They have a copy of what they use. */
  readonly aloneFiles: readonly string[];
  /**
   * Files of dist/ with what several others import (parts.ts). What lies beside one or below, and is not
   * alone, takes it from there.
   */
  readonly shared: readonly SharedPart[];
  /**
   * Files and folders whose built files are made small, and start a little faster for it. The others keep
   * their lines: Bun and Node show them to the user when an error is not caught. Commands catch theirs.
   */
  readonly small: readonly string[];
  /** Files that a bundler, a thread or the command line loads by their path. */
  readonly beside: readonly string[];
}

export const PACKAGES: readonly Package[] = [
  {
    folder: "",
    manifest: immuconfig,
    singleFiles: [
      "src/index.ts",
      "src/index_bun.ts",
      "src/index_node.ts",
      "src/core.ts",
      "src/runtime/core_browser.ts",
      "src/live/index.ts",
      "src/live/index_bun.ts",
      "src/live/index_node.ts",
      "src/runtime/load.ts",
      "src/live/rest.ts",
      "src/live/writer.ts",
      "src/register.ts",
      "src/cli/config.ts",
      "src/cli/start.ts",
      "src/cli/commands/record/set.ts",
      "src/cli/commands/record/feature.ts",
      "src/cli/commands/record/verify.ts",
      "src/cli/commands/install/install.ts",
      "src/cli/commands/install/lock.ts",
      "src/cli/companions.ts",
    ],
    aloneFiles: [
      "src/runtime/core_browser.ts",
      "src/index_bun.ts",
      "src/index_node.ts",
      "src/live/index_bun.ts",
      "src/live/index_node.ts",
      "src/register.ts",
      "src/cli/config.ts",
      "src/cli/start.ts",
      "src/cli/companions.ts",
    ],
    small: ["src/index_bun.ts", "src/live/index_bun.ts", "src/live/writer.ts", "src/cli/"],
    shared: [
      {
        file: "shared.js",
        by: ["src/runtime/load.ts", "src/live/rest.ts", "src/cli/commands/record/verify.ts"],
        within: [],
      },
      {
        file: "cli/gate.js",
        by: ["src/cli/commands/install/install.ts"],
        within: ["src/trust/gate/", "src/trust/lock/", "src/registry/"],
      },
    ],
    beside: ["src/cli/commands/install/scanner.ts"],
  },
  {
    folder: "packages/build",
    manifest: build,
    singleFiles: ["src/cli/build_commands.ts", "src/cli/commands/build/build.ts"],
    aloneFiles: ["src/cli/build_commands.ts", "src/cli/commands/build/build.ts"],
    small: [],
    shared: [],
    beside: ["src/bundle/adapters/pack_loader.ts"],
  },
  {
    folder: "packages/server",
    manifest: server,
    singleFiles: ["src/cli/server_commands.ts"],
    aloneFiles: ["src/cli/server_commands.ts"],
    small: [],
    shared: [],
    beside: [
      "src/api/db/sqlite_worker.ts",
      "src/api/workers/worker.ts",
      "src/api/ledgers/build_child.ts",
    ],
  },
];

/** The folder of what the names of `@immuconfig/build` lead to in immuconfig. */
const DOORS = "./dist/doors/";

/** The source of every file that a package exports or links as a command. */
export function entryPoints({ manifest }: Package): string[] {
  const exported = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === "string" ? [] : Object.values(entry).filter((path) => path.endsWith(".js")),
  );
  return [...exported, ...Object.values(manifest.bin ?? {})]
    .filter((path) => !path.startsWith(DOORS))
    .map((path) => path.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts"));
}

/** The declarations that a package exports, relative to its dist/. */
export function exportedTypes({ manifest }: Package): string[] {
  return Object.values(manifest.exports).flatMap((entry) => {
    const path = typeof entry === "string" ? undefined : entry["types"];
    return path === undefined || path.startsWith(DOORS) ? [] : [path.replace(/^\.\/dist\//, "")];
  });
}

export interface Door {
  /** Of the files in immuconfig's dist/, without their extension. */
  readonly path: string;
  /** What it leads to: `@immuconfig/build/vite`. */
  readonly target: string;
  /** The file that the target is. */
  readonly source: string;
}

/** The names of immuconfig that lead to what `@immuconfig/build` exports under the same. */
export function doors(): Door[] {
  return Object.entries(build.exports).flatMap(([name, entry]) => {
    if (typeof entry === "string") return [];
    const { name: target } = build;
    return {
      path: join(ROOT, DOORS, name),
      target: join(target, name),
      source: join(ROOT, "packages/build", entry.default),
    };
  });
}

export function distOf({ folder }: Package): string {
  return join(ROOT, folder, "dist");
}

/** The packages that go with immuconfig: the commands whose work needs packages of others. */

import { join } from "node:path";
import { version } from "../../package.json";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { findNeighbour } from "../base/neighbour.ts";
import { notWhole } from "../base/not_whole.ts";
import { OWN_FOLDER } from "../base/package_root.ts";

/** The commands of each, by the last part of its name: `@immuconfig/build`, `@immuconfig/server`. */
export interface Companions {
  readonly build: typeof import("./build_commands.ts");
  readonly server: typeof import("./server_commands.ts");
}

export type CompanionName = keyof Companions;

/** Loads the commands of a package and takes one of them. */
export type Companion = <Name extends CompanionName, Result>(
  name: Name,
  take: (commands: Companions[Name]) => Promise<Result>,
) => Promise<Result>;

/**
 * From the package that is installed beside this one; among the sources, from the file beside this.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` where the package is not there, or is not whole; `ERR_ABI` where
 * it is of another release
 */
export const installedCompanion: Companion = async (name, take) => {
  const file = `${name}_commands`;
  // node:url takes Bun longer to load than this whole file.
  const { pathToFileURL } = typeof Bun === "undefined" ? process.getBuiltinModule("node:url") : Bun;
  // Not a literal: a bundler would take them, and what they need, into every bundle of the command.
  const href = import.meta.url.endsWith(".ts")
    ? new URL(`./${file}.ts`, import.meta.url).href
    : pathToFileURL(join(companionFolder(name), "dist", "cli", `${file}.js`)).href;
  try {
    return await take((await import(href)) as Companions[typeof name]);
  } catch (cause) {
    throw notWhole(`@immuconfig/${name}`, cause) ?? cause;
  }
};

function companionFolder(name: CompanionName): string {
  const own = OWN_FOLDER;
  const packageName = `@immuconfig/${name}`;
  const folder = findNeighbour(packageName, own);
  if (folder !== undefined) return folder;
  const hint = isInstalled(own)
    ? `Add it: ${addCommand(name, process.env)}`
    : `Use it in a project that has both: bun add immuconfig && ${addCommand(name, {})}`;
  throw new ImmuconfigError(
    "ERR_NOT_FOUND",
    `this command is in the package ${packageName}, which is not beside ${own}`,
    { hint },
  );
}

/** Where `bunx`, `npx` and their like put a package for one run. */
const ONE_RUN = /[\\/](?:bunx-[^\\/]*|_npx|dlx-?[^\\/]*)[\\/]/;

/** Whether a project, or the user's global folder, has the package. */
function isInstalled(folder: string): boolean {
  return /[\\/]node_modules[\\/]/.test(folder) && !ONE_RUN.test(folder);
}

/** How each package manager adds a package, one for development alone, and runs one's command. */
const MANAGERS = {
  bun: { add: "bun add", development: "-d", run: "bunx" },
  npm: { add: "npm install", development: "-D", run: "npx" },
  pnpm: { add: "pnpm add", development: "-D", run: "pnpm" },
  yarn: { add: "yarn add", development: "-D", run: "yarn" },
} as const;

/** The package manager that runs this command. */
function managerOf(env: Environment): keyof typeof MANAGERS | undefined {
  const [, name] = /^(bun|npm|pnpm|yarn)\//.exec(env["npm_config_user_agent"] ?? "") ?? [];
  return name as keyof typeof MANAGERS | undefined;
}

/** In the words of the package manager that runs this command, or of Bun. */
export function addCommand(name: CompanionName, env: Environment): string {
  const { add, development } = MANAGERS[managerOf(env) ?? "bun"];
  const words = name === "build" ? [add, development] : [add];
  return [...words, `@immuconfig/${name}@${version}`].join(" ");
}

/** What a user who started a command so types for the next one. */
export function nextCommand(name: string, env: Environment): string {
  const manager = managerOf(env);
  return manager === undefined
    ? `bun-config ${name}`
    : `${MANAGERS[manager].run} immuconfig ${name}`;
}

/** Finds the program that is to be replaced, and tells who installed it. */

import { spawn } from "node:child_process";
import { childEnd } from "../base/child_end.ts";
import { findProgram } from "../base/find_program.ts";
import { liesBelow } from "../base/paths.ts";
import { requireOwner } from "../base/owner.ts";
import { foldersUpwards } from "../base/walk_up.ts";
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { readManifest } from "../base/manifest.ts";
import { parseVersion } from "../base/version.ts";
import { PROBE_WAIT_MS } from "../base/limits.ts";
import { resolveTarget } from "./target.ts";

/** Who put a program where it is. */
export type Installation = { path: string; target: string } & (
  | { kind: "project"; folder: string }
  | { kind: "global"; manager: "bun" | "npm" | "pnpm" | "yarn" }
  | { kind: "system"; manager: SystemManager; packageName: string }
  | { kind: "installScript" | "binary" | "new" }
  | { kind: "source"; folder: string }
);

export type SystemManager = "apk" | "apt-get" | "brew" | "dnf" | "nix" | "pacman" | "snap";

/** What the path of a program is judged by. */
export interface PathFacts {
  /** As it was found, symbolic links and all. */
  path: string;
  /** Without symbolic links. */
  target: string;
  /** The folder of the install script, `$BUN_INSTALL` or `~/.bun`. */
  bunInstall: string;
  /** Whether a folder holds a package.json. */
  hasManifest: (folder: string) => boolean;
}

/**
 * Tells from its path who installed a program. Pure.
 *
 * @returns `binary` when no path speaks against it; the system's packages are not asked
 */
export function classifyPath(facts: PathFacts): Installation {
  const { path, target, bunInstall } = facts;
  const found = { path, target };
  const modules = target.indexOf(`${sep}node_modules${sep}`);
  if (modules !== -1) {
    const folder = target.slice(0, modules);
    if (liesBelow(target, join(bunInstall, "install", "global"))) {
      return { ...found, kind: "global", manager: "bun" };
    }
    if (/[/\\]pnpm[/\\]global[/\\]/.test(target))
      return { ...found, kind: "global", manager: "pnpm" };
    if (/[/\\]yarn[/\\]global$/.test(folder)) return { ...found, kind: "global", manager: "yarn" };
    if (/[/\\]lib$/.test(folder) && !facts.hasManifest(folder)) {
      return { ...found, kind: "global", manager: "npm" };
    }
    return { ...found, kind: "project", folder };
  }
  const cellar = /\/Cellar\/([^/]+)\//.exec(target);
  if (cellar?.[1] !== undefined) {
    return { ...found, kind: "system", manager: "brew", packageName: cellar[1] };
  }
  const store = /^\/nix\/store\/[a-z0-9]+-([^/]+?)-\d[^/]*\//.exec(target);
  if (store?.[1] !== undefined) {
    return { ...found, kind: "system", manager: "nix", packageName: store[1] };
  }
  const snap = /^\/snap\/([^/]+)\//.exec(target);
  if (snap?.[1] !== undefined) {
    return { ...found, kind: "system", manager: "snap", packageName: snap[1] };
  }
  if (dirname(target) === join(bunInstall, "bin")) return { ...found, kind: "installScript" };
  return { ...found, kind: "binary" };
}

export interface ProgramSearch {
  /** The working folder, absolute. */
  cwd: string;
  env: Environment;
  /** The path given with `--to`, if any. */
  to: string | undefined;
}

/**
 * Finds the Bun that a project or a machine uses: the one named, the project's own, the first on
 * the PATH, or that of the install script.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` when there is none; `ERR_OWNER` for one that another user put
 * above; `ERR_MANAGED` for a link out of the project's packages
 */
export async function findBun({ cwd, env, to }: ProgramSearch): Promise<Installation> {
  const bunInstall = bunInstallOf(env);
  if (to !== undefined) return installationAt(resolve(cwd, to), bunInstall);
  const own = projectProgram(cwd, "bun");
  if (own !== undefined) return inProject(await installationAt(own, bunInstall));
  const path = findProgram("bun", env);
  const script = join(bunInstall, "bin", "bun");
  if (path !== undefined) return installationAt(path, bunInstall);
  if (existsSync(script)) return installationAt(script, bunInstall);
  throw new ImmuconfigError("ERR_NOT_FOUND", "there is no bun here, nor on the PATH", {
    hint: "Say where to put one: bun-config upgrade bun --to PATH.",
  });
}

/** A clone brings its links along: one that leads out of its packages would name what is replaced. */
function inProject(found: Installation): Installation {
  if (found.kind === "project" || found.kind === "global") return found;
  throw new ImmuconfigError(
    "ERR_MANAGED",
    `${found.path} leads to ${found.target}, which is no package of the project`,
    { hint: "Name the program that you mean: --to PATH." },
  );
}

/**
 * Finds immuconfig itself: the executable that runs, or the package that its code is in.
 *
 * @param self.executable the path of the standalone executable, or undefined
 * @param self.packageFolder the folder of the running code's package.json
 */
export async function findSelf(
  { cwd, env, to }: ProgramSearch,
  self: { executable: string | undefined; packageFolder: string },
): Promise<Installation> {
  const bunInstall = bunInstallOf(env);
  if (to !== undefined) return installationAt(resolve(cwd, to), bunInstall);
  if (self.executable !== undefined) return installationAt(self.executable, bunInstall);
  const path = self.packageFolder;
  const found = classifyPath({ path, target: realpathSync(path), bunInstall, hasManifest });
  if (found.kind === "project" || found.kind === "global") return found;
  return { kind: "source", path, target: found.target, folder: found.target };
}

async function installationAt(path: string, bunInstall: string): Promise<Installation> {
  const target = resolveTarget(path);
  if (!existsSync(target)) return { kind: "new", path, target };
  const found = classifyPath({ path, target, bunInstall, hasManifest });
  if (found.kind !== "binary") return found;
  const owner = await systemOwner(target);
  return owner === undefined ? found : { path, target, kind: "system", ...owner };
}

/**
 * The `.bin` entry of the nearest project that has one.
 *
 * @throws ImmuconfigError `ERR_OWNER` for another user's
 */
function projectProgram(cwd: string, name: string): string | undefined {
  for (const folder of foldersUpwards(cwd)) {
    const path = join(folder, "node_modules", ".bin", name);
    if (!existsSync(path)) continue;
    requireOwner(path, cwd);
    return path;
  }
  return undefined;
}

interface Owner {
  manager: SystemManager;
  packageName: string;
}

/** Not the user's `PATH`: launchers put a project's `node_modules/.bin` in front of it. */
const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";

const OWNER_QUERIES: readonly {
  manager: SystemManager;
  command: readonly [tool: string, ...words: string[]];
  answer: RegExp;
}[] = [
  {
    manager: "apt-get",
    command: ["dpkg-query", "-S"],
    answer: /^([a-z0-9][a-z0-9.+-]*)(?::\w+)?: /,
  },
  { manager: "dnf", command: ["rpm", "-q", "--qf", "%{NAME}", "-f"], answer: /^([\w.+-]+)$/ },
  { manager: "pacman", command: ["pacman", "-Qqo"], answer: /^([\w@.+-]+)$/m },
  { manager: "apk", command: ["apk", "info", "-qW"], answer: /^([\w.+-]+?)(?:-\d[\w.-]*)?$/m },
];

/** The system package that a file belongs to, if a package manager of this machine knows it. */
async function systemOwner(target: string): Promise<Owner | undefined> {
  for (const { manager, command, answer } of OWNER_QUERIES) {
    const tool = findProgram(command[0], { PATH: SYSTEM_PATH });
    if (tool === undefined) continue;
    const query = spawn(tool, [...command.slice(1), target], {
      cwd: "/",
      env: { PATH: SYSTEM_PATH, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
      timeout: PROBE_WAIT_MS,
    });
    let output = "";
    query.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    const { exitCode } = await childEnd(query);
    const packageName = exitCode === 0 ? answer.exec(output)?.[1] : undefined;
    if (packageName !== undefined) return { manager, packageName };
  }
  return undefined;
}

function bunInstallOf(env: ProgramSearch["env"]): string {
  return env["BUN_INSTALL"] ?? join(env["HOME"] ?? "/", ".bun");
}

function hasManifest(folder: string): boolean {
  return existsSync(join(folder, "package.json"));
}

/**
 * The version of an installed package, read from its package.json: a program in a clone's
 * `node_modules` is the clone's, and is not run to be asked.
 *
 * @param name of the package that holds the program
 * @returns undefined where no package.json says so
 */
export function packagedVersion(target: string, name: string): string | undefined {
  for (const folder of foldersUpwards(dirname(target))) {
    const inside = `${folder}${sep}`.includes(`${sep}node_modules${sep}`);
    if (!inside) return undefined;
    const path = basename(folder) === ".bin" ? join(folder, "..", name) : folder;
    const version = manifestVersion(path, name);
    if (version !== undefined) return version;
  }
  return undefined;
}

function manifestVersion(folder: string, wanted: string): string | undefined {
  const { name, version } = readManifest(folder) ?? {};
  if (name !== wanted || typeof version !== "string") return undefined;
  return parseVersion(version) === undefined ? undefined : version;
}

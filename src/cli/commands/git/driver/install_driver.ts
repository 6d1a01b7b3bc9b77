/** Puts the driver into a repository, and looks whether it is the one of this release. */

import { lstatSync, mkdirSync, realpathSync, rmdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { findProgram, isExecutable } from "../../../../base/find_program.ts";
import { cannotWrite, systemCode } from "../../../../base/fs_errors.ts";
import { liesBelow } from "../../../../base/paths.ts";
import { hasGit, runGit } from "../../../../base/run_git.ts";
import { standaloneExecutable } from "../../../children/standalone_executable.ts";
import type { Context } from "../../../command.ts";
import { readText, removeText, writeText } from "../../../files/text_file.ts";
import { requireGit } from "../git.ts";
import {
  DRIVER,
  DRIVER_FOLDER,
  DRIVER_SCRIPT,
  driverFiles,
  isDriver,
  SECTIONS,
  SETTINGS,
} from "./settings.ts";

type Env = Context["env"];

/**
 * Writes settings and driver where they differ.
 *
 * @param root a folder of the repository
 * @returns what was written: names of settings, paths of files
 */
export async function installDriver(root: string, env: Env): Promise<string[]> {
  const changed: string[] = [];
  for (const [name, value] of Object.entries(SETTINGS)) {
    if (readSetting(root, env, name) === value) continue;
    requireGit(root, env, ["config", "--local", "--replace-all", name, value]);
    changed.push(name);
  }
  const folder = driverFolder(root, env);
  const own = runtimePath(env);
  const runtime = isOutside(own, treesOf(root, folder)) ? own : undefined;
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(driverFiles(runtime))) {
    const path = join(folder, name);
    const before = readText(path);
    if (before === text) continue;
    await writeText(path, text, before);
    changed.push(path);
  }
  return changed;
}

/**
 * Whether a repository has the settings of a driver, whichever release wrote them.
 *
 * @param folder that exists; it need not be in a repository
 */
export function hasDriver(folder: string, env: Env): boolean {
  if (!hasGit(env)) return false;
  const words = ["config", "--local", "--get-regexp", `^(diff|merge)\\.${DRIVER}\\.`];
  return runGit(folder, env, words).exitCode === 0;
}

/** @returns what was removed: names of sections, paths of files */
export async function removeDriver(root: string, env: Env): Promise<string[]> {
  const changed: string[] = SECTIONS.filter(
    (section) =>
      runGit(root, env, ["config", "--local", "--remove-section", section]).exitCode === 0,
  );
  const folder = driverFolder(root, env);
  for (const name of Object.keys(driverFiles(undefined))) {
    const path = join(folder, name);
    const before = readText(path);
    if (before === undefined) continue;
    await removeText(path, before);
    changed.push(path);
  }
  removeEmptyFolder(folder);
  return changed;
}

/**
 * `missing`: git knows no driver here. `old`: another release, or another way, set it up.
 * `stuck`: it is right, and there is neither Bun nor Node outside the work tree to run it.
 */
export type DriverState = "missing" | "old" | "stuck" | "ready";

/** Runs nothing: what lies in a repository's own folder may have come with it. */
export function driverState(root: string, env: Env): DriverState {
  const settings = Object.entries(SETTINGS);
  const known = settings.map(([name]) => readSetting(root, env, name));
  if (known.every((value) => value === undefined)) return "missing";
  const folder = driverFolder(root, env);
  const runtimes = runtimesFor(env);
  const isOld =
    settings.some(([, value], index) => known[index] !== value) ||
    Object.entries(driverFiles(undefined)).some(([name, text]) => {
      const found = readText(join(folder, name));
      // The script names the Bun that wrote it.
      return name === DRIVER_SCRIPT ? !isDriver(found, runtimes) : found !== text;
    });
  if (isOld) return "old";
  const trees = treesOf(root, folder);
  return runtimes.some((path) => isOutside(path, trees)) ? "ready" : "stuck";
}

/**
 * In the folder that all work trees of a repository share.
 *
 * @throws ImmuconfigError `ERR_WRITE` for one that leads elsewhere: an archive may bring it
 */
function driverFolder(root: string, env: Env): string {
  const common = requireGit(root, env, ["rev-parse", "--git-common-dir"]).replace(/\n$/, "");
  const folder = join(realpathSync(resolve(root, common)), DRIVER_FOLDER);
  const isLink = lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  if (isLink) throw cannotWrite(folder, "it is a symbolic link", { hint: "Remove the link." });
  return folder;
}

/** The work trees that a branch can write to. */
function treesOf(root: string, folder: string): string[] {
  const common = dirname(folder);
  const main = basename(common) === ".git" ? [dirname(common)] : [];
  return [realpathSync(root), ...main];
}

/** What the driver may be run by, as its script looks for it. */
function runtimesFor(env: Env): string[] {
  const { HOME: home } = env;
  const bun = home === undefined ? [] : [join(home, ".bun", "bin", "bun")];
  const found = ["bun", "node"].flatMap((name) => findProgram(name, env) ?? []);
  return [runtimePath(env), ...bun, ...found];
}

/** A program that no branch can bring. */
function isOutside(path: string, trees: readonly string[]): boolean {
  if (!isExecutable(path)) return false;
  return [path, realpathSync(path)].every((each) => trees.every((tree) => !liesBelow(each, tree)));
}

function readSetting(root: string, env: Env, name: string): string | undefined {
  const { exitCode, stdout } = runGit(root, env, ["config", "--null", "--get-all", name]);
  return exitCode === 0 ? new TextDecoder().decode(stdout).replace(/\0$/, "") : undefined;
}

/** A package manager keeps `bun` on the PATH where it is, and moves what that leads to. */
function runtimePath(env: Env): string {
  const standalone = standaloneExecutable();
  if (standalone !== undefined) return standalone;
  const onPath = findProgram("bun", env);
  const isThis = onPath !== undefined && realpathSync(onPath) === realpathSync(process.execPath);
  return isThis ? onPath : process.execPath;
}

function removeEmptyFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!["ENOENT", "ENOTDIR", "ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? ""))
      throw error;
  }
}

/** Puts the driver into a repository, and looks whether it is the one of this release. */

import { mkdirSync, realpathSync, rmdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemCode } from "../../../../base/fs_errors.ts";
import { standaloneExecutable } from "../../../children/standalone.ts";
import type { Context } from "../../../command.ts";
import { readText, removeText, writeText } from "../../../files/text_file.ts";
import { requireGit, runGit } from "../git.ts";
import { DRIVER_FOLDER, driverFiles, SECTIONS, SETTINGS } from "./settings.ts";

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
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(driverFiles(runtimePath(env)))) {
    const path = join(folder, name);
    const before = readText(path);
    if (before === text) continue;
    await writeText(path, text, before);
    changed.push(path);
  }
  return changed;
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

export function driverState(root: string, env: Env): DriverState {
  const settings = Object.entries(SETTINGS);
  const known = settings.map(([name]) => readSetting(root, env, name));
  if (known.every((value) => value === undefined)) return "missing";
  const folder = driverFolder(root, env);
  const files = Object.entries(driverFiles(undefined));
  const isOld =
    settings.some(([, value], index) => known[index] !== value) ||
    files.some(([name, text]) => {
      const found = readText(join(folder, name));
      // The script names the Bun that wrote it.
      return name === "driver" ? found === undefined : found !== text;
    });
  if (isOld) return "old";
  const check = ["sh", join(folder, "driver"), "check"];
  return Bun.spawnSync(check, { cwd: root, env: { ...env } }).exitCode === 0 ? "ready" : "stuck";
}

/** In the folder that all work trees of a repository share. */
function driverFolder(root: string, env: Env): string {
  const common = requireGit(root, env, ["rev-parse", "--git-common-dir"]).replace(/\n$/, "");
  return join(resolve(root, common), DRIVER_FOLDER);
}

function readSetting(root: string, env: Env, name: string): string | undefined {
  const { exitCode, stdout } = runGit(root, env, ["config", "--null", "--get-all", name]);
  return exitCode === 0 ? new TextDecoder().decode(stdout).replace(/\0$/, "") : undefined;
}

/** A package manager keeps `bun` on the PATH where it is, and moves what that leads to. */
function runtimePath(env: Env): string | undefined {
  const standalone = standaloneExecutable();
  if (standalone !== undefined) return standalone;
  const onPath = Bun.which("bun", { PATH: env["PATH"] ?? "" });
  const isThis = onPath !== null && realpathSync(onPath) === realpathSync(process.execPath);
  return isThis ? onPath : process.execPath;
}

function removeEmptyFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "")) throw error;
  }
}

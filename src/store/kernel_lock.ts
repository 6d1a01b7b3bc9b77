/** flock(2), by the shared library, or by the program that the system has for it. */

import type { SpawnSyncReturns } from "node:child_process";
import { ImmuconfigError } from "../base/errors.ts";
import { systemCode } from "../base/fs_errors.ts";
import { findAddon } from "../native/addon.ts";

/**
 * Tries to lock an open file.
 *
 * @returns 0 once it is locked, or the number of the system's error
 */
export type TryLock = (descriptor: number) => number;

/** Of util-linux and busybox: no folder that a project could put before them. */
const PROGRAMS = ["/usr/bin/flock", "/bin/flock"];
/** What the program ends with when another open file has the lock. */
const HELD = 1;
const EWOULDBLOCK = 11;

let once: TryLock | undefined;

/** @throws ImmuconfigError `ERR_UNSUPPORTED` where the system has no such lock, or nothing reaches it */
export function openKernelLocks(): TryLock {
  once ??= byLibrary() ?? byProgram();
  return once;
}

function byLibrary(): TryLock | undefined {
  const addon = findAddon();
  return addon && ((descriptor) => addon.tryLock(descriptor) ?? -1);
}

/** A lock belongs to the open file, and so to whoever has it open: it outlives the program. */
function byProgram(): TryLock {
  if (process.platform !== "linux") throw noLock();
  return (descriptor) => {
    for (const program of PROGRAMS) {
      const run = locked(program, descriptor);
      if (run === undefined) break;
      if (systemCode(run.error) === "ENOENT") continue;
      if (run.status === 0) return 0;
      if (run.status === HELD) return EWOULDBLOCK;
      break;
    }
    throw noLock();
  };
}

/** @returns undefined where this process may start no other: Node's permissions are thrown, not returned */
function locked(program: string, descriptor: number): SpawnSyncReturns<Buffer> | undefined {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  try {
    return spawnSync(program, ["-x", "-n", "3"], {
      stdio: ["ignore", "ignore", "ignore", descriptor],
    });
  } catch (error) {
    if (systemCode(error) === "ERR_ACCESS_DENIED") return undefined;
    throw error;
  }
}

function noLock(): ImmuconfigError {
  return new ImmuconfigError("ERR_UNSUPPORTED", "this process cannot reach the lock for writers", {
    hint:
      "Let it load addons: without --no-addons, with --allow-addons under --permission, and where " +
      "lib/ was built.",
  });
}

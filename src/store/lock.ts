/**
 * The writers' lock: flock(2) on the folder that holds the file. The kernel frees it when its
 * holder dies, and it leaves nothing behind in the folder.
 */

import { closeSync, openSync } from "node:fs";
import { ImmuconfigError } from "../base/errors.ts";
import { systemCode } from "../base/fs_errors.ts";
import { LOCK_WAIT_MS } from "../base/limits.ts";
import { bunFfi } from "../native/bun_ffi.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const EWOULDBLOCK = process.platform === "darwin" ? 35 : 11;
const EINTR = 4;

/** How long a writer sleeps between two tries, in milliseconds. */
const RETRY_MS_MIN = 0.2;
const RETRY_MS_MAX = 4;

export interface LockOptions {
  /** How long to wait for another writer, in milliseconds; default {@link LOCK_WAIT_MS}. */
  readonly waitMs?: number;
}

/**
 * Runs a function to its end while this process alone holds the lock of a folder.
 *
 * @throws ImmuconfigError `ERR_BUSY` when another process held it for too long, `ERR_LOCK` when
 * the file system has no such lock, `ERR_UNSUPPORTED` when the platform has none, `ERR_WRITE` when the folder cannot be opened
 */
export async function withLock<T>(
  folder: string,
  run: (folderDescriptor: number) => T | Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const libc = loadLibc();
  let descriptor: number;
  try {
    descriptor = openSync(folder, "r");
  } catch (cause) {
    throw new ImmuconfigError("ERR_WRITE", `cannot open ${folder}: ${systemCode(cause)}`, {
      hint: "Check that the folder exists and may be read.",
      cause,
    });
  }
  try {
    await acquire(libc, descriptor, folder, options.waitMs ?? LOCK_WAIT_MS);
    return await run(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

interface Libc {
  flock(descriptor: number, operation: number): number;
  /** Why the last call failed. */
  errno(): number;
}

let libcOnce: Libc | undefined;

function loadLibc(): Libc {
  libcOnce ??= openLibc();
  return libcOnce;
}

function openLibc(): Libc {
  if (typeof Bun === "undefined" || process.platform === "win32") {
    throw new ImmuconfigError("ERR_UNSUPPORTED", "this platform has no lock for writers", {
      hint: "Change the file with Bun on Linux or macOS.",
    });
  }
  const { dlopen, read } = bunFfi();
  const errnoName = process.platform === "darwin" ? "__error" : "__errno_location";
  const symbols = {
    flock: { args: ["i32", "i32"], returns: "i32" },
    [errnoName]: { args: [], returns: "ptr" },
  } as const;
  const names =
    process.platform === "darwin"
      ? ["libSystem.B.dylib"]
      : ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];
  for (const name of names) {
    try {
      const { symbols: libc } = dlopen(name, symbols);
      const errnoAt = libc[errnoName];
      return {
        flock: (descriptor, operation) => libc.flock(descriptor, operation),
        errno: () => {
          const pointer = errnoAt?.();
          return typeof pointer === "number" ? read.i32(pointer, 0) : 0;
        },
      };
    } catch {
      // The next name, then the error below.
    }
  }
  throw new ImmuconfigError(
    "ERR_UNSUPPORTED",
    `the C library was not found (${names.join(", ")})`,
    {
      hint: "Change the file on a system with glibc, musl or macOS.",
    },
  );
}

async function acquire(
  libc: Libc,
  descriptor: number,
  folder: string,
  waitMs: number,
): Promise<void> {
  const deadline = performance.now() + waitMs;
  let pause = RETRY_MS_MIN;
  while (libc.flock(descriptor, LOCK_EX | LOCK_NB) !== 0) {
    const errno = libc.errno();
    if (errno !== EWOULDBLOCK && errno !== EINTR) {
      throw new ImmuconfigError("ERR_LOCK", `cannot lock ${folder}: errno ${errno}`, {
        hint: "The file system (a network one?) has no locks. Work on a local copy.",
      });
    }
    if (performance.now() >= deadline) {
      throw new ImmuconfigError(
        "ERR_BUSY",
        `another process has held the lock of ${folder} for ${waitMs / 1000} s`,
        { hint: "Try again. The lock is free as soon as that process ends." },
      );
    }
    // Random, so that many waiters do not wake together.
    await Bun.sleep(pause * (0.5 + Math.random()));
    pause = Math.min(2 * pause, RETRY_MS_MAX);
  }
}

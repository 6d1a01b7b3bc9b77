/**
 * The writers' lock of a folder: flock(2) on a file in it that only those can open who may write to
 * the folder. On the folder itself whoever may read it could hold the lock, and keep all writers out.
 * The kernel frees it when its holder dies, and its holder takes the file away. On Windows its holder
 * alone has the file open.
 */

import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import { cannotWrite, isMissing, systemCode } from "../base/fs_errors.ts";
import { LOCK_WAIT_MS } from "../base/limits.ts";
import { block, sleep } from "../base/sleep.ts";
import { FOLDER_FLAGS } from "./folder_flags.ts";
import { openKernelLocks } from "./kernel_lock.ts";
import { alone } from "./windows_lock.ts";

const isWindows = process.platform === "win32";
const EWOULDBLOCK = process.platform === "darwin" ? 35 : 11;
const EINTR = 4;

/** How long a writer sleeps between two tries, in milliseconds. */
const RETRY_MS_MIN = 0.2;
/** A try costs Windows far more than flock(2) costs others. */
const RETRY_MS_MAX = isWindows ? 40 : 4;

export interface LockOptions {
  /** How long to wait for another writer, in milliseconds; default {@link LOCK_WAIT_MS}. */
  readonly waitMs?: number;
}

/**
 * Runs a function to its end while this process alone holds the lock of a folder.
 *
 * @throws ImmuconfigError `ERR_BUSY` when another process held it for too long, `ERR_LOCK` when
 * the file system has no such lock, `ERR_UNSUPPORTED` when the platform has none, `ERR_WRITE` when
 * the folder cannot be opened
 */
export async function withLock<T>(
  folder: string,
  run: (folderDescriptor: number) => T | Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const folderDescriptor = openFolder(folder);
  try {
    const taking = acquire(folder, options.waitMs ?? LOCK_WAIT_MS);
    let step = taking.next();
    for (; step.done !== true; step = taking.next()) await sleep(step.value);
    try {
      return await run(folderDescriptor);
    } finally {
      step.value();
    }
  } finally {
    closeSync(folderDescriptor);
  }
}

/** As `withLock`, for an import, which must not wait for anything: the whole thread waits. */
export function withLockNow<T>(folder: string, run: () => T, options: LockOptions): T {
  const taking = acquire(folder, options.waitMs ?? LOCK_WAIT_MS);
  let step = taking.next();
  for (; step.done !== true; step = taking.next()) block(step.value);
  try {
    return run();
  } finally {
    step.value();
  }
}

function openFolder(folder: string): number {
  try {
    return openSync(folder, FOLDER_FLAGS);
  } catch (cause) {
    throw new ImmuconfigError("ERR_WRITE", `cannot open ${folder}: ${systemCode(cause)}`, {
      hint: "Check that the folder exists and may be read.",
      cause,
    });
  }
}

/** Of the file that is locked. A writer that was killed leaves it, and the next one takes it over. */
const LOCK_NAME = ".immuconfig.lock";
const LOCK_FLAGS = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);

/** @throws ImmuconfigError `ERR_WRITE` */
function openLock(folder: string): number {
  const path = join(folder, LOCK_NAME);
  try {
    return openSync(path, LOCK_FLAGS);
  } catch (cause) {
    if (!isMissing(cause)) throw cannotOpen(path, folder, cause);
  }
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, LOCK_FLAGS | constants.O_CREAT, 0o600);
    shareWithWriters(descriptor, folder);
    return descriptor;
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw cannotOpen(path, folder, cause);
  }
}

/** What no writer made is named; else it is the folder that may not be written. */
function cannotOpen(path: string, folder: string, cause: unknown): ImmuconfigError {
  return ["EISDIR", "ELOOP"].includes(systemCode(cause) ?? "")
    ? cannotWrite(path, cause, { hint: "Remove it." })
    : cannotWrite(folder, cause, { doing: "write in" });
}

/** Takes the lock's file away; what the system keeps, the next writer takes over. */
function leaveFree(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    // Another user's, in a folder like /tmp. What was written is written all the same.
    if (systemCode(cause) === undefined) throw cause;
  }
}

/** Lets those open the lock who may write to its folder, and nobody else. */
function shareWithWriters(descriptor: number, folder: string): void {
  const lock = fstatSync(descriptor);
  const { mode, uid, gid } = statSync(folder);
  const wanted = 0o600 | ((mode & 0o020) === 0 ? 0 : 0o060) | ((mode & 0o002) === 0 ? 0 : 0o006);
  const user = process.getuid?.();
  if (lock.uid !== user) return;
  const owner = user === 0 ? uid : lock.uid;
  if (lock.uid !== owner || lock.gid !== gid) {
    try {
      fchownSync(descriptor, owner, gid);
    } catch {
      // Not a member of the folder's group: the group shares nothing with this user anyway.
    }
  }
  if ((lock.mode & 0o777) !== wanted) fchmodSync(descriptor, wanted);
}

/** Whether the open file is still the one that others would lock. */
function isInPlace(descriptor: number, folder: string): boolean {
  const there = statSync(join(folder, LOCK_NAME), { throwIfNoEntry: false });
  const { dev, ino } = fstatSync(descriptor);
  return there?.ino === ino && there.dev === dev;
}

/** When this process last let a lock go on Windows, as `performance.now()` counts. */
let releasedMs = Number.NEGATIVE_INFINITY;

/** Ends what `acquire` began. */
type Release = () => void;

/** Each step is to be waited for, in milliseconds. */
type Steps<Result> = Generator<number, Result, void>;

function* acquire(folder: string, waitMs: number): Steps<Release> {
  const waiting = { folder, waitMs, deadline: performance.now() + waitMs };
  if (isWindows) {
    const openAlone = alone();
    // Who had it gives way: a process with many changes would leave the others no turn.
    if (performance.now() - releasedMs < RETRY_MS_MAX) yield RETRY_MS_MAX;
    const close = yield* untilHeld(waiting, () => openAlone(join(folder, LOCK_NAME), folder));
    return () => {
      close();
      releasedMs = performance.now();
    };
  }
  const tryLock = openKernelLocks();
  for (;;) {
    const descriptor = openLock(folder);
    let isHeld = false;
    try {
      yield* untilHeld(waiting, () => isLocked(tryLock(descriptor), folder) || undefined);
      // Its last holder may have taken it away, and then another one is in its place.
      isHeld = isInPlace(descriptor, folder);
      if (!isHeld) continue;
      return () => {
        // Still held: nobody can have taken the name for a lock of their own.
        leaveFree(join(folder, LOCK_NAME));
        closeSync(descriptor);
      };
    } finally {
      if (!isHeld) closeSync(descriptor);
    }
  }
}

interface Waiting {
  readonly folder: string;
  readonly waitMs: number;
  /** As `performance.now()` counts. */
  readonly deadline: number;
}

/** @param take gives undefined while another process holds the lock */
function* untilHeld<Held>(
  { folder, waitMs, deadline }: Waiting,
  take: () => Held | undefined,
): Steps<Held> {
  for (let pause = RETRY_MS_MIN; ; pause = Math.min(2 * pause, RETRY_MS_MAX)) {
    const held = take();
    if (held !== undefined) return held;
    if (performance.now() >= deadline) throw busy(folder, waitMs);
    // Random, so that many waiters do not wake together.
    yield pause * (0.5 + Math.random());
  }
}

/** @param errno what the system said */
function isLocked(errno: number, folder: string): boolean {
  if (errno === 0) return true;
  if (errno === EWOULDBLOCK || errno === EINTR) return false;
  throw new ImmuconfigError("ERR_LOCK", `cannot lock ${folder}: errno ${errno}`, {
    hint: "The file system (a network one?) has no locks. Work on a local copy.",
  });
}

function busy(folder: string, waitMs: number): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_BUSY",
    `another process has held the lock of ${folder} for ${waitMs / 1000} s`,
    { hint: "Try again. The lock is free as soon as that process ends." },
  );
}

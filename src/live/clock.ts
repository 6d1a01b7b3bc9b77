/** The two clocks of live overrides. */

import { readFileSync } from "node:fs";
import { findAddon } from "../native/addon.ts";

export interface LiveClock {
  /** Milliseconds since 1970, as people read it; it may be set, back as well as forth. */
  now(): number;
  /**
   * Milliseconds since the system started, sleep included: what ends overrides, because nobody can
   * set it. All processes of a host have the same.
   */
  uptime(): number;
}

/** The system's clocks, but for those that are given. */
export function clockOf({ now = Date.now, uptime = uptimeMs }: Partial<LiveClock>): LiveClock {
  return { now, uptime };
}

export function uptimeMs(): number {
  // node:os of Bun counts whole seconds; the file has hundredths.
  const seconds =
    process.platform === "linux"
      ? Number.parseFloat(readFileSync("/proc/uptime", "latin1"))
      : process.getBuiltinModule("node:os").uptime();
  return Math.floor(1000 * seconds);
}

/** What tells one start of the system from another; empty where nothing does. */
export function bootId(): string {
  if (process.platform === "win32") return findAddon()?.startTime() ?? "";
  if (process.platform !== "linux") return "";
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
}

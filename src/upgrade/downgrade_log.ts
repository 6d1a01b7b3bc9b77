/** The log of programs that went to an older version because someone said so. */

import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Environment } from "../base/environment.ts";
import { UPGRADE_LOG_SIZE_MAX } from "../base/limits.ts";
import { cannotWrite } from "../base/fs_errors.ts";

/** A program that went to an older version, or below the record's minimum, because someone said so. */
export interface Downgrade {
  time: Date;
  command: "upgrade" | "rollback";
  product: string;
  path: string;
  from: string | undefined;
  to: string;
}

/** Where downgrades are logged: the user's folder for state, `~/.local/state` if none is set. */
export function downgradeLogPath(env: Environment): string {
  const state = env["XDG_STATE_HOME"];
  const folder =
    state !== undefined && state.startsWith("/")
      ? state
      : join(env["HOME"] ?? homedir(), ".local", "state");
  return join(folder, "immuconfig", "downgrades.jsonl");
}

/**
 * Writes one line of JSON about a downgrade, before it happens: one that cannot be logged is
 * refused.
 *
 * @throws ImmuconfigError `ERR_WRITE`
 */
export function logDowngrade(path: string, downgrade: Downgrade): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > UPGRADE_LOG_SIZE_MAX) renameSync(path, `${path}.old`);
    appendFileSync(path, `${JSON.stringify(downgrade)}\n`, { mode: 0o600, flush: true });
  } catch (cause) {
    throw cannotWrite(path, cause, { doing: "log the downgrade in" });
  }
}

/** The log of programs that went to an older version because someone said so. */

import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname } from "node:path";
import type { Environment } from "../base/environment.ts";
import { UPGRADE_LOG_SIZE_MAX } from "../base/limits.ts";
import { cannotWrite } from "../base/fs_errors.ts";
import { stateFolder } from "../base/user_folders.ts";
import type { UpgradeTask } from "./engine.ts";

type LoggedTask = Pick<UpgradeTask, "logPath" | "now" | "product" | "target">;

/** Where downgrades are logged: where this machine keeps what it has seen. */
export function downgradeLogPath(env: Environment): string {
  const folder = stateFolder(env) ?? stateFolder({ ...env, HOME: homedir() });
  return `${folder}/downgrades.jsonl`;
}

/**
 * Writes one line of JSON about a downgrade, before it happens: one that cannot be logged is
 * refused.
 *
 * @throws ImmuconfigError `ERR_WRITE`
 */
export function logDowngrade(
  { logPath: path, now, product, target }: LoggedTask,
  command: "upgrade" | "rollback",
  { from, to }: { readonly from: string | undefined; readonly to: string },
): void {
  const downgrade = { time: now(), command, product: product.title, path: target, from, to };
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > UPGRADE_LOG_SIZE_MAX) renameSync(path, `${path}.old`);
    appendFileSync(path, `${JSON.stringify(downgrade)}\n`, { mode: 0o600, flush: true });
  } catch (cause) {
    throw cannotWrite(path, cause, { doing: "log the downgrade in" });
  }
}

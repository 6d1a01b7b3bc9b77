/** Goes back to the program that the last upgrade kept. */

import { ImmuconfigError } from "../base/errors.ts";
import { logDowngrade } from "./downgrade_log.ts";
import { installedVersion, withFolder } from "./engine.ts";
import type { EventSink } from "./events.ts";
import { checkFloor, isBelowFloor, type UpgradePolicy } from "./policy.ts";
import { requireVersionOf } from "./probe.ts";
import type { Product } from "./product.ts";
import { swapWithPrevious, programFiles, requirePrevious } from "./swap.ts";
import { compareVersions } from "../base/version.ts";

/** Everything that a rollback depends on. */
export interface RollbackTask {
  product: Product;
  policy: UpgradePolicy;
  /** The program: an absolute path without symbolic links. */
  target: string;
  /** Go back even below the record's minimum. */
  allowDowngrade: boolean;
  /** Where downgrades are logged. */
  logPath: string;
  now: () => Date;
  onEvent: EventSink;
}

export interface RolledBack {
  from: string | undefined;
  to: string;
}

/**
 * Goes back to the program that the last upgrade kept as `.prev`, and keeps the newer one there,
 * so that a second rollback goes forward again.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` when nothing was kept; `ERR_PROGRAM` when what was kept
 * does not run; `ERR_DOWNGRADE` when it is below the record's minimum; `ERR_WRITE`; `ERR_BUSY`.
 * @example
 * const { from, to } = await rollbackProgram({ product, policy, target, … });
 */
export async function rollbackProgram(task: RollbackTask): Promise<RolledBack> {
  const { product, policy, target, allowDowngrade, onEvent } = task;
  const files = programFiles(target);
  return withFolder(files.folder, onEvent, async () => {
    requirePrevious(files);
    const from = await installedVersion(target);
    const to = await installedVersion(files.previous);
    if (to === undefined) {
      throw new ImmuconfigError("ERR_PROGRAM", `${files.previous} does not run`, {
        hint: "Install a version with bun-config upgrade.",
      });
    }
    checkFloor(product, policy, to, allowDowngrade);
    const isOlder = from === undefined || compareVersions(to, from) < 0;
    if (isOlder || isBelowFloor(product, policy, to)) {
      logDowngrade(task.logPath, {
        time: task.now(),
        command: "rollback",
        product: product.title,
        path: target,
        from,
        to,
      });
    }
    swapWithPrevious(files);
    onEvent({ kind: "replaced", target, previous: files.previous });
    try {
      onEvent({ kind: "confirmed", output: await requireVersionOf(target, product, to) });
    } catch (error) {
      swapWithPrevious(files);
      throw error;
    }
    return { from, to };
  });
}

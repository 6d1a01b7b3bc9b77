import { ImmuconfigError } from "../base/errors.ts";
import { logDowngrade } from "./downgrade_log.ts";
import { installedVersion, type UpgradeTask, withFolder } from "./engine.ts";
import { requireAllowedVersion, isBelowFloor } from "./policy.ts";
import { requireVersionOf } from "./probe.ts";
import { swapWithPrevious, programFiles, requirePrevious } from "./swap.ts";
import { compareVersions } from "../base/version.ts";

/** Everything that a rollback depends on; `allowDowngrade` lets it go below the record's minimum. */
export type RollbackTask = Pick<
  UpgradeTask,
  "product" | "policy" | "target" | "allowDowngrade" | "logPath" | "now" | "onEvent"
>;

export interface RolledBack {
  from: string | undefined;
  to: string;
}

/**
 * Goes back to the program that the last upgrade kept as `.prev`, and keeps the newer one there,
 * so that a second rollback goes forward again.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` when nothing was kept; `ERR_PROGRAM` when what was kept
 * does not run; `ERR_BUN_VERSION` when it is below the record's minimum; `ERR_VALUE` when the
 * record's config version does not take it; `ERR_WRITE`; `ERR_BUSY`; `ERR_LOCK`
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
    requireAllowedVersion(product, policy, to, allowDowngrade);
    const isOlder = from === undefined || compareVersions(to, from) < 0;
    if (isOlder || isBelowFloor(product, policy, to)) {
      logDowngrade(task, "rollback", { from, to });
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

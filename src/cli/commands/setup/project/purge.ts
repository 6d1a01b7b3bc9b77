/** Removes the configuration file itself, for `init --undo --purge`. */

import { basename, dirname, join } from "node:path";
import { ImmuconfigError } from "../../../../base/errors.ts";
import { withLock } from "../../../../store/lock.ts";
import { realFilePath } from "../../../../store/real_path.ts";
import { removeFile } from "../../../../store/durable_write.ts";
import { frozenError } from "../../../../store/update.ts";
import { readConfigFile } from "../../../../trust/verified.ts";
import type { Context } from "../../../command.ts";
import { refusePinned } from "../../../files/project_file.ts";

/** @throws ImmuconfigError `ERR_PINNED`; `ERR_FROZEN`. A broken file may go. */
export function refusePurge(context: Context, path: string): void {
  refusePinned(context, path);
  if (isFrozen(context, path)) throw frozenError(path);
}

/** Removes the file, and what a killed writer left beside it. */
export async function purge(context: Context, path: string): Promise<void> {
  const real = realFilePath(path);
  await withLock(dirname(real), () => {
    refusePurge(context, path);
    removeFile(join(dirname(real), `.${basename(real)}.new`));
    removeFile(real);
  });
}

function isFrozen(context: Context, path: string): boolean {
  try {
    return readConfigFile(path, context.env).frozen;
  } catch (error) {
    if (error instanceof ImmuconfigError && error.code === "ERR_FORMAT") return false;
    throw error;
  }
}

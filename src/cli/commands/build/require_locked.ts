/** What `--locked` asks for. */

import { dirname } from "node:path";
import { realFilePath } from "../../../store/real_path.ts";
import { requireListed } from "../../../trust/gate/checks.ts";
import { requireInstalledAsLocked } from "../../../trust/gate/installed.ts";
import { readProjectLock } from "../../../trust/gate/project_lock.ts";
import type { Context } from "../../command.ts";
import { open } from "../../files/project_file.ts";

/** @throws ImmuconfigError `ERR_PACKAGES` */
export function requireLocked(context: Context): void {
  const { path, file } = open(context);
  const project = readProjectLock(dirname(realFilePath(path)));
  requireListed(project, file.packages);
  requireInstalledAsLocked(project);
}

/** Where a thread's file is. */

import { existsSync } from "node:fs";
import { ownFolder } from "./package_root.ts";

/**
 * A thread is started from a file of its own: what was built beside the server, or else the source, as
 * where the server alone was built in this repository.
 *
 * @param name below `src` and `dist`, without its extension
 */
export function threadFile(name: string): string {
  const built = `${ownFolder()}/dist/${name}.js`;
  const isSource = import.meta.path.endsWith(".ts");
  return isSource || !existsSync(built) ? `${ownFolder()}/src/${name}.ts` : built;
}

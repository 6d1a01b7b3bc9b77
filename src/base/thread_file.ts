/** Where a thread's file is. */

import { existsSync } from "node:fs";
import { OWN_FOLDER } from "./package_root.ts";

/**
 * A thread is started from a file of its own: what was built beside the server, or else the source, as
 * where the server alone was built in this repository.
 *
 * @param name below `src` and `dist`, without its extension
 */
export function threadFile(name: string): string {
  const built = `${OWN_FOLDER}/dist/${name}.js`;
  const isSource = import.meta.path.endsWith(".ts");
  return isSource || !existsSync(built) ? `${OWN_FOLDER}/src/${name}.ts` : built;
}

/** Where the packages lie: immuconfig, and what goes with it. */

import { mainPackage } from "./neighbour.ts";

/** Set by scripts/build.ts: whether this code is built into a package that goes with immuconfig. */
declare const IN_COMPANION: boolean;

const folder = import.meta.dirname;
// Plain steps and no function, as they are taken at every start.
const path = `${folder}/`.replaceAll("\\", "/");
const end = Math.max(path.lastIndexOf("/src/"), path.lastIndexOf("/dist/"));

/** The folder of the package that this code is in: immuconfig's, or that of one that goes with it. */
export const OWN_FOLDER: string = end === -1 ? folder : folder.slice(0, end);

/** immuconfig's folder, which holds lib/, for sources in src/ and what is built in dist/. */
export function packageRoot(): string {
  if (typeof IN_COMPANION !== "undefined" && IN_COMPANION) return mainPackage(OWN_FOLDER);
  return OWN_FOLDER;
}

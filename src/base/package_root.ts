/** Where the packages lie: immuconfig, and what goes with it. */

import { mainPackage } from "./neighbour.ts";

/** Set by scripts/build.ts: whether this code is built into a package that goes with immuconfig. */
declare const IN_COMPANION: boolean;

/** The last `src` or `dist` of a path, with what is before it. */
const BELOW_ROOT = /^(.*)[\\/](?:src|dist)(?:[\\/].*)?$/s;

/** immuconfig's folder, which holds lib/, for sources in src/ and what is built in dist/. */
export function packageRoot(): string {
  if (typeof IN_COMPANION !== "undefined" && IN_COMPANION) return mainPackage(ownFolder());
  return ownFolder();
}

/** The folder of the package that this code is in: immuconfig's, or that of one that goes with it. */
export function ownFolder(): string {
  const folder = import.meta.dirname;
  return BELOW_ROOT.exec(folder)?.[1] ?? folder;
}

/** Runs when the sources are bundled or loaded: programs neither carry nor load the library. */

import npmConf from "@pnpm/npm-conf";

/** The registry that npm uses where none is configured. */
export function npmRegistry(): string {
  return npmConf.defaults.registry;
}

/** `immuconfig/rolldown`. */

import type { Plugin } from "rolldown";
import type { ImmuconfigOptions } from "./options.ts";
import { compiledComponents } from "./compiled.ts";
import { type Place, PLUGIN_NAME } from "./common.ts";
import { plugin } from "./plugin.ts";
import { strayEntries } from "./stray_entries.ts";

export type { ImmuconfigOptions };

/**
 * Gives Rolldown the project's record: `feature()` and `Bun.config` become literals.
 *
 * The build fails with an ImmuconfigError when the record cannot be read, with `ERR_VALUE` or
 * `ERR_RETIRED` for a name in `features`, and with `ERR_SOURCE` at a source that some bundler gets wrong.
 *
 * @example
 * import { immuconfig } from "immuconfig/rolldown";
 * export default { input: "app.ts", plugins: [immuconfig()] }; // rolldown.config.ts
 */
export function immuconfig(options: ImmuconfigOptions = {}): Plugin[] {
  const place: Place = {};
  const placed = { ...options, place };
  const settle: Plugin = {
    name: `${PLUGIN_NAME}:place`,
    options({ cwd }) {
      place.root = cwd;
    },
    buildStart({ input }) {
      for (const text of strayEntries(placed, Object.values(input))) this.warn(text);
    },
  };
  // The types of the two differ in hooks that it does not have.
  const compiled = compiledComponents(placed) as unknown as Plugin;
  return [settle, plugin.rolldown(placed), compiled];
}

/** `immuconfig/rollup`. */

import type { Plugin } from "rollup";
import type { ImmuconfigOptions } from "./options.ts";
import { compiledComponents } from "./compiled.ts";
import { PLUGIN_NAME } from "./common.ts";
import { plugin } from "./plugin.ts";
import { strayEntries } from "./stray_entries.ts";

export type { ImmuconfigOptions };

/**
 * Gives Rollup the project's record: `feature()` and `Bun.config` become literals.
 *
 * @throws ImmuconfigError when the record cannot be read; `ERR_VALUE` or `ERR_RETIRED` for a name
 * in `features`. The build fails with `ERR_SOURCE` at a source that some bundler gets wrong.
 * @example
 * import { immuconfig } from "immuconfig/rollup";
 * export default { input: "app.js", plugins: [immuconfig()] }; // rollup.config.js
 */
export function immuconfig(options: ImmuconfigOptions = {}): Plugin[] {
  const entries: Plugin = {
    name: `${PLUGIN_NAME}:entries`,
    buildStart({ input }) {
      for (const text of strayEntries(options, Object.values(input))) this.warn(text);
    },
  };
  return [plugin.rollup(options), compiledComponents(options), entries];
}

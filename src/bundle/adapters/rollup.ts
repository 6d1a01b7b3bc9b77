/** `immuconfig/rollup`. */

import type { Plugin } from "rollup";
import type { ImmuconfigOptions } from "./options.ts";
import { compiledComponents } from "./compiled.ts";
import { plugin } from "./plugin.ts";

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
  return [plugin.rollup(options), compiledComponents(options)];
}

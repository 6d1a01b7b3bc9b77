/** `immuconfig/webpack`. */

import type { WebpackPluginInstance } from "webpack";
import type { ImmuconfigOptions } from "./options.ts";
import { plugin } from "./plugin.ts";

export type { ImmuconfigOptions };

/**
 * Gives webpack the project's record: `feature()` and `Bun.config` become literals.
 *
 * @throws ImmuconfigError when the record cannot be read; `ERR_VALUE` or `ERR_RETIRED` for a name
 * in `features`. The build fails with `ERR_SOURCE` at a source that some bundler gets wrong.
 * @example
 * import { immuconfig } from "immuconfig/webpack";
 * export default { entry: "./app.js", plugins: [immuconfig()] }; // webpack.config.mjs
 */
export function immuconfig(options: ImmuconfigOptions = {}): WebpackPluginInstance {
  return plugin.webpack(options);
}

/** `immuconfig/rspack`. */

import type { RspackPluginInstance } from "@rspack/core";
import type { ImmuconfigOptions } from "../record_features.ts";
import { plugin } from "./plugin.ts";

export type { ImmuconfigOptions };

/**
 * Gives Rspack the project's record: `feature()` and `Bun.config` become literals.
 *
 * @throws ImmuconfigError when the record cannot be read; `ERR_VALUE` or `ERR_RETIRED` for a name
 * in `features`. The build fails with `ERR_SOURCE` at a source that some bundler gets wrong.
 * @example
 * import { immuconfig } from "immuconfig/rspack";
 * export default { entry: "./app.js", plugins: [immuconfig()] }; // rspack.config.mjs
 */
export function immuconfig(options: ImmuconfigOptions = {}): RspackPluginInstance {
  return plugin.rspack(options);
}

/** `immuconfig/vite`. */

import type { VitePlugin } from "unplugin";
import type { ImmuconfigOptions } from "../record_features.ts";
import { plugin } from "./plugin.ts";

export type { ImmuconfigOptions };

/**
 * Gives Vite the project's record: `feature()` and `Bun.config` become literals.
 *
 * @throws ImmuconfigError when the record cannot be read; `ERR_VALUE` or `ERR_RETIRED` for a name
 * in `features`. The build fails with `ERR_SOURCE` at a source that some bundler gets wrong.
 * @example
 * import { immuconfig } from "immuconfig/vite";
 * export default { plugins: [immuconfig()] }; // vite.config.ts, or vitest.config.ts
 */
export function immuconfig(options: ImmuconfigOptions = {}): VitePlugin {
  return plugin.vite(options);
}

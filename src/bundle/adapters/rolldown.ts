/** `immuconfig/rolldown`. */

import type { RolldownPlugin } from "unplugin";
import type { ImmuconfigOptions } from "./common.ts";
import { compiledComponents } from "./compiled.ts";
import { plugin } from "./plugin.ts";

export type { ImmuconfigOptions };

/**
 * Gives Rolldown the project's record: `feature()` and `Bun.config` become literals.
 *
 * @throws ImmuconfigError when the record cannot be read; `ERR_VALUE` or `ERR_RETIRED` for a name
 * in `features`. The build fails with `ERR_SOURCE` at a source that some bundler gets wrong.
 * @example
 * import { immuconfig } from "immuconfig/rolldown";
 * export default { input: "app.ts", plugins: [immuconfig()] }; // rolldown.config.ts
 */
export function immuconfig(options: ImmuconfigOptions = {}): RolldownPlugin[] {
  // The types of the two differ in hooks that it does not have.
  const compiled = compiledComponents(options) as unknown as RolldownPlugin;
  return [plugin.rolldown(options), compiled];
}

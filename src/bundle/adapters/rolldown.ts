/** `immuconfig/rolldown`. */

import type { Plugin } from "rolldown";
import type { ImmuconfigOptions } from "./options.ts";
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
export function immuconfig(options: ImmuconfigOptions = {}): Plugin[] {
  // The types of the two differ in hooks that it does not have.
  const compiled = compiledComponents(options) as unknown as Plugin;
  return [plugin.rolldown(options), compiled];
}

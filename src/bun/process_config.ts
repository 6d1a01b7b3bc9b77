import { handOnEnvironment } from "../runtime/children.ts";
import { PIN_VARIABLE, setPin } from "../runtime/pin_variable.ts";
import { quickView } from "../runtime/quick_view.ts";
import type { Config } from "../runtime/snapshot.ts";
import { deferred } from "./deferred.ts";

/**
 * The record of this process, pinned for its children: by one native call, or else as
 * `processConfig` of src/runtime/config.ts finds it.
 *
 * @throws what that throws
 */
export function processConfig(): Config {
  const { env } = process;
  // From src/bun and dist/bun alike.
  const view = quickView(env, env[PIN_VARIABLE], `${import.meta.dir}/../../lib`);
  if (view === undefined) return deferred().processConfig();
  if (view.pin !== "") {
    setPin(env, view.pin);
    handOnEnvironment();
  }
  const { config } = view;
  Object.freeze(config.features);
  Object.freeze(config.registry);
  Object.freeze(config.terminal);
  return Object.freeze(config);
}

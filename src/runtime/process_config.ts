import { handOnEnvironment } from "./children.ts";
import { PIN_VARIABLE, setPin } from "./pin_variable.ts";
import { fastRead } from "./fast_read.ts";
import type { Config } from "./snapshot.ts";
import { deferred } from "./deferred.ts";

/**
 * The record of this process, pinned for its children: by one native call, or else as
 * `processConfig` of src/runtime/config.ts finds it.
 *
 * @throws what that throws
 */
export function processConfig(): Config {
  const { env } = process;
  const view = fastRead(env, env[PIN_VARIABLE]);
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

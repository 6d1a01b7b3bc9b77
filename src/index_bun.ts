/**
 * The package under Bun: what src/index.ts is, with all that a start seldom needs left to be loaded
 * when it is called.
 */

import { processConfig } from "./runtime/process_config.ts";

export { FormatError, ImmuconfigError } from "./base/errors.ts";
export { load, parse } from "./runtime/deferred.ts";
export const config = processConfig();

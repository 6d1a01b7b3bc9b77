/**
 * The package under Bun: what src/index.ts is, with all that a start seldom needs left to be loaded
 * when it is called.
 */

import { processConfig } from "./process_config.ts";

export { FormatError, ImmuconfigError } from "../errors.ts";
export { load, parse } from "./deferred.ts";
export const config = processConfig();

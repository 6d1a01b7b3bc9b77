/** The package under Node and every other runtime. */

import { PIN_VARIABLE } from "./runtime/children.ts";
import { type Config, processConfig } from "./runtime/config.ts";
import { fastRead } from "./runtime/fast_read.ts";
import { loadRecord, ownSurroundings } from "./runtime/load.ts";

export { FormatError, ImmuconfigError } from "./base/errors.ts";
export type { ErrorCode, FormatFault } from "./base/errors.ts";
export type { TerminalMode } from "./format/record.ts";
export { load, parse } from "./runtime/load.ts";
export type { LoadOptions } from "./runtime/load.ts";
export type { Config, FeatureRegistry, Features } from "./runtime/config.ts";

const own = ownSurroundings();

/**
 * The project's record, loaded once at import and deeply frozen.
 *
 * @example
 * import { config } from "immuconfig";
 * if (config.features.DEBUG) console.log(config.version);
 */
export const config: Config = processConfig({
  native: () => fastRead({ ...own, pin: own.env[PIN_VARIABLE] }),
  store: () => loadRecord(own),
});

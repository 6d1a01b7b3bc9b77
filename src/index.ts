/** The package under Node and every other runtime. */

import { type Config, processConfig } from "./runtime/config.ts";
import { fastRead } from "./runtime/fast_read.ts";
import { loadOwnRecord } from "./runtime/load.ts";
import { mainModule } from "./runtime/main_module.ts";

export { FormatError, ImmuconfigError } from "./base/errors.ts";
export type { ErrorCode, FormatFault } from "./base/errors.ts";
export type { TerminalMode } from "./format/record.ts";
export { load, parse } from "./runtime/load.ts";
export type { LoadOptions } from "./runtime/load.ts";
export type { Config, FeatureRegistry, Features } from "./runtime/config.ts";

const { env } = process;

/**
 * The project's record, loaded once at import and deeply frozen.
 *
 * @example
 * import { config } from "immuconfig";
 * if (config.features.DEBUG) console.log(config.version);
 */
export const config: Config = processConfig(
  fastRead({ env, isOwn: 1, cwd: process.cwd(), main: mainModule() }),
  loadOwnRecord,
);

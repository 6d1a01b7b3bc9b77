import { processConfig } from "./config.ts";
import type { Config } from "./snapshot.ts";

/**
 * The project's record, loaded once at import and deeply frozen.
 *
 * @example
 * import { config } from "immuconfig";
 * if (config.features.DEBUG) console.log(config.version);
 */
export const config: Config = processConfig();

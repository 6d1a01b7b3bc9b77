/** What the package under Bun loads on first use (src/bun/). */
export { processConfig } from "./config.ts";
export { load, parse } from "./load.ts";

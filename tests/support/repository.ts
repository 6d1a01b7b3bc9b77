/** Where the tests find what they test. */

import { join } from "node:path";

export const REPOSITORY = join(import.meta.dir, "..", "..");

/** The command's entry in the sources. */
export const CLI = join(REPOSITORY, "src", "cli", "config.ts");

/** The same in the package, once it is built. */
export const BUILT_CLI = join(REPOSITORY, "dist", "cli", "config.js");

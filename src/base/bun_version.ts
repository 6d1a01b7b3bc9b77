/** The version of Bun that the tests have run on, and the least that will do. */

import { engines } from "../../package.json";

export const BUN_VERSION = engines.bun.replace(/^>=/, "");

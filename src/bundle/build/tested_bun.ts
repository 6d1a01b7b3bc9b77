import { devDependencies } from "../../../package.json";

/** The version of Bun that the tests run on. */
export const BUN_TESTED = devDependencies.bun;

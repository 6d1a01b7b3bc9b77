/** Packages of which a file is gone. */

import { ImmuconfigError, messageOf } from "./errors.ts";
import { systemCode } from "./fs_errors.ts";

/** What import() says, and what require() says. */
const NOT_FOUND: ReadonlySet<string | undefined> = new Set([
  "ERR_MODULE_NOT_FOUND",
  "MODULE_NOT_FOUND",
]);

/**
 * @param packageName whose code was to be loaded
 * @param cause what loading it threw
 * @returns `ERR_NOT_FOUND` where a module is not there; nothing for another cause
 */
export function notWhole(packageName: string, cause: unknown): ImmuconfigError | undefined {
  if (!NOT_FOUND.has(systemCode(cause))) return undefined;
  return new ImmuconfigError("ERR_NOT_FOUND", `${packageName} is not whole: ${messageOf(cause)}`, {
    hint: "Install it again.",
    cause,
  });
}

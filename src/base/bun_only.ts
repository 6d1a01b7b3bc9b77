/** What Node cannot do: the one author of its refusal. */

import { ImmuconfigError } from "./errors.ts";

/**
 * @param what needs Bun, at the start of a sentence
 * @throws ImmuconfigError `ERR_UNSUPPORTED` outside Bun
 */
export function requireBunFor(what: string): void {
  if (typeof Bun === "undefined") throw bunOnly(what);
}

/** Code `ERR_UNSUPPORTED`. */
export function bunOnly(what: string): ImmuconfigError {
  return new ImmuconfigError("ERR_UNSUPPORTED", `${what} needs Bun, and Node runs this`, {
    hint: "Run it with Bun: bunx immuconfig",
  });
}

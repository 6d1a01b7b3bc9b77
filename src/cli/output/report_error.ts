/** Turns what a command throws into words and an exit code. */

import { feature } from "bun:bundle";
import { ImmuconfigError } from "../../base/errors.ts";
import { EXIT, EXIT_OF_ERROR } from "./exit_codes.ts";
import type { Output } from "./output.ts";

/** @returns the exit code */
export function reportError(error: unknown, out: Output): number {
  if (error instanceof ImmuconfigError) {
    out.error(error);
    return EXIT_OF_ERROR[error.code];
  }
  const message = error instanceof Error ? error.message : String(error);
  out.error(
    new ImmuconfigError("ERR_INTERNAL", `unexpected: ${message}`, {
      hint: "This is a fault of immuconfig. Run again with IMMUCONFIG_DEBUG=1 and report it.",
      cause: error,
    }),
  );
  if (feature("DEBUG") || process.env["IMMUCONFIG_DEBUG"] === "1") console.error(error);
  return EXIT.failed;
}

/** Turns what a command throws into words and an exit code. */

import { feature } from "bun:bundle";
import type { Environment } from "../../base/environment.ts";
import { FormatError, ImmuconfigError, messageOf } from "../../base/errors.ts";
import { printable, printableLines } from "../../base/text.ts";
import { notWhole } from "../../base/not_whole.ts";
import { EXIT, EXIT_OF_ERROR } from "../../base/exit_codes.ts";
import type { Output } from "./output.ts";

/**
 * @param name of the command, where there is one
 * @returns the exit code
 */
export function reportError(
  error: unknown,
  out: Output,
  env: Environment,
  name: string | undefined,
): number {
  const known = error instanceof ImmuconfigError ? error : notWhole("immuconfig", error);
  if (known !== undefined) {
    printError(withUsageHint(known, name), out);
    return EXIT_OF_ERROR[known.code];
  }
  const message = messageOf(error);
  const internal = new ImmuconfigError("ERR_INTERNAL", `unexpected: ${message}`, {
    hint: "This is a fault of immuconfig. Run again with IMMUCONFIG_DEBUG=1 and report it.",
    cause: error,
  });
  printError(internal, out);
  if (feature("DEBUG") || env["IMMUCONFIG_DEBUG"] === "1") console.error(error);
  return EXIT.failed;
}

export function printError(error: ImmuconfigError, out: Output): void {
  const { code, message, hint } = error;
  const fault = error instanceof FormatError ? error.fault : undefined;
  const label = out.style("red", "error:");
  const text = printableLines(hint === undefined ? message : `${message}\n  ${printable(hint)}`);
  out.failure({ error: { code, message, hint, fault } }, `${label} ${text}`);
}

/** Where a mistake in the words says no more, the help does. */
function withUsageHint(error: ImmuconfigError, name: string | undefined): ImmuconfigError {
  const { code, message, hint, cause } = error;
  if (code !== "ERR_USAGE" || hint !== undefined) return error;
  const words = name === undefined ? "" : ` ${name}`;
  return new ImmuconfigError(code, message, {
    hint: `See \`bun-config${words} --help\`.`,
    cause,
  });
}

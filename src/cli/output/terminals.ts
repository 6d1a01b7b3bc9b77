/** Whether a person is at the other end. */

import type { Environment } from "../../base/environment.ts";

/** @param descriptor 0, 1 or 2 */
export function isTerminal(descriptor: number): boolean {
  // node:tty takes longer to load than most commands run.
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}

/** Colour on a terminal, unless the user says otherwise (https://no-color.org). */
export function wantsColor(env: Environment): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return env["TERM"] !== "dumb" && isTerminal(1);
}

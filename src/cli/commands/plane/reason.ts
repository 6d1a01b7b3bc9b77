/** Why something is changed at a control plane. */

import { type CommandArguments, type OptionSpec, usageError } from "../../args/arguments.ts";

export const REASON_OPTION = {
  reason: { value: "TEXT", summary: "why; it is kept in the audit log" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** @throws ImmuconfigError `ERR_USAGE` where none is given */
export function parseReason(args: CommandArguments): string {
  const reason = args.value("reason");
  if (reason !== undefined && reason.trim() !== "") return reason;
  throw usageError("there is no reason", "Say why: --reason TEXT.");
}

/** Where a server of ours listens. */

import { DEFAULT_HOST, PORT_MAX } from "../../../api/defaults.ts";
import type { CommandArguments, OptionSpec } from "../../args/arguments.ts";

export interface ListenRequest {
  readonly host: string;
  readonly port: number;
}

/** @param others what holds for addresses beyond this machine, in brackets behind the default */
export function listenOptions(
  defaultPort: number,
  others = "",
): Readonly<Record<"port" | "host", OptionSpec>> {
  return {
    port: { value: "PORT", summary: `listen here (default ${defaultPort}; 0: a free one)` },
    host: { value: "HOST", summary: `listen on this address (default ${DEFAULT_HOST}${others})` },
  };
}

/** @throws ImmuconfigError `ERR_USAGE` for a port that there is not; `ERR_VALUE` for what is no number */
export function parseListen(args: CommandArguments, defaultPort: number): ListenRequest {
  const port = args.number("port", { none: defaultPort, most: PORT_MAX });
  return { host: args.value("host") ?? DEFAULT_HOST, port };
}

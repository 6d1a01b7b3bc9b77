/** The words of `build FILE.zig --outfile FILE.wasm`. Pure. */

import { type CommandArguments, usageError } from "../../args/arguments.ts";

export interface ZigRequest {
  readonly kind: "zig";
  readonly entry: string;
  /** The path of the module to write. */
  readonly outfile: string;
}

/** @throws ImmuconfigError `ERR_USAGE`, also for options that mean nothing here */
export function parseZig(args: CommandArguments): ZigRequest {
  const [entry, ...more] = args.operands;
  const outfile = args.value("outfile");
  if (entry === undefined || more.length > 0) throw usageError("a .zig entry point stands alone");
  if (outfile === undefined) throw usageError("a .zig entry point needs --outfile FILE.wasm");
  args.allowOnly(["outfile"], "a .zig entry point");
  return { kind: "zig", entry, outfile };
}

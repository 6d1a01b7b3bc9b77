/** `bun-config build FILE.zig --outfile FILE.wasm`. */

import { formatBytes, formatDuration, nanosecondsSince } from "../../../base/units.ts";
import { relative, resolve } from "node:path";
import type { BundleFile } from "../../../bundle/build/bundle.ts";
import { writeBundle } from "../../../bundle/build/write_bundle.ts";
import type { Context } from "../../command.ts";
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

/**
 * Compiles one Zig file to a WebAssembly module; the cache makes the second build free.
 *
 * @throws ImmuconfigError all that `buildZigModule` throws
 */
export async function buildZig(context: Context, { entry, outfile }: ZigRequest): Promise<void> {
  const start = performance.now();
  const { buildZigModule } = await import("../../../zig_import/compile.ts");
  const { wasm, cached } = await buildZigModule(resolve(context.cwd, entry));
  const path = resolve(context.cwd, outfile);
  const file: BundleFile = { path: outfile, kind: "asset", content: new Blob([wasm]) };
  await writeBundle([file], context.cwd, path);
  const nanoseconds = nanosecondsSince(start);
  const shown = relative(context.cwd, path);
  const how = cached ? "from the cache" : "compiled";
  context.out.done(
    { outputs: [{ path: shown, kind: "asset", size: wasm.length }], cached, nanoseconds },
    `Built ${shown} (${formatBytes(wasm.length)}, ${how}) in ${formatDuration(nanoseconds)}`,
  );
}

/** `bun-config build FILE.zig --outfile FILE.wasm`. */

import { relative, resolve } from "node:path";
import type { BundleFile } from "../../../bundle/build/bundle.ts";
import { writeBundle } from "../../../bundle/build/write_bundle.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import type { Context } from "../../command.ts";
import { formatBytes, formatDuration } from "../../output/output.ts";

/**
 * Compiles one Zig file to a WebAssembly module; the cache makes the second build free.
 *
 * @param names of all options of the command
 * @throws ImmuconfigError `ERR_USAGE` for options that mean nothing here; all that
 * `buildZigModule` throws
 */
export async function buildZig(
  context: Context,
  args: CommandArguments,
  names: readonly string[],
): Promise<void> {
  const [entry, ...more] = args.operands;
  const outfile = args.value("outfile");
  if (entry === undefined || more.length > 0) throw usageError("a .zig entry point stands alone");
  if (outfile === undefined) throw usageError("a .zig entry point needs --outfile FILE.wasm");
  const other = names.find(
    (name) => name !== "outfile" && (args.has(name) || args.value(name) !== undefined),
  );
  if (other !== undefined) throw usageError(`--${other} means nothing for a .zig entry point`);
  const start = Bun.nanoseconds();
  const { buildZigModule } = await import("../../../zig_import/compile.ts");
  const { wasm, cached } = await buildZigModule(resolve(context.cwd, entry));
  const path = resolve(context.cwd, outfile);
  const file: BundleFile = { path: outfile, kind: "asset", content: new Blob([wasm]) };
  await writeBundle([file], context.cwd);
  const nanoseconds = Bun.nanoseconds() - start;
  const shown = relative(context.cwd, path);
  const how = cached ? "from the cache" : "compiled";
  context.out.done(
    { outputs: [{ path: shown, kind: "asset", size: wasm.length }], cached, nanoseconds },
    `Built ${shown} (${formatBytes(wasm.length)}, ${how}) in ${formatDuration(nanoseconds)}`,
  );
}

import { basename, dirname, resolve } from "node:path";
import type { BundleConfig } from "../../../bundle/build/bundle.ts";
import { bundle } from "../../../bundle/build/bundle.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { open } from "../../files/project_file.ts";
import { FEATURE_OPTIONS, openForBuild } from "./build_flags.ts";
import { BUN_BUILD_OPTIONS, bundleConfig } from "./build_options.ts";
import { deliverBundle } from "./deliver_bundle.ts";

export const buildCommand: Command<CommandArguments> = {
  usage: [
    "ENTRY… [--feature X] [--no-feature X] [OPTIONS OF bun build]",
    "FILE.zig --outfile FILE.wasm",
  ],
  options: {
    ...FEATURE_OPTIONS,
    "scrub-maps": { type: "boolean", summary: "take dead branches out of source maps" },
    locked: {
      type: "boolean",
      summary: "fail unless the project is what the record lists (bun-config lock)",
    },
    "runtime-config": {
      type: "boolean",
      summary: "read config of immuconfig when the program starts, from the file",
    },
    outdir: { type: "string", value: "PATH", summary: "folder for the outputs" },
    outfile: { type: "string", value: "PATH", summary: "file for the output" },
    metafile: {
      type: "string",
      value: "PATH",
      whenBare: "meta.json",
      summary: "write a description of the build as JSON",
    },
    ...BUN_BUILD_OPTIONS,
  },
  takesFiles: true,
  examples: [
    "bun-config build ./src/server.ts --target bun --outdir dist",
    "bun-config build ./src/server.ts --feature DEBUG --outfile dist/debug.js --sourcemap",
    "bun-config build ./src/cli.ts --compile --outfile dist/app",
  ],
  parse: (args) => args,
  run: build,
};

async function build(context: Context, args: CommandArguments): Promise<void> {
  if (args.operands.some((entry) => entry.endsWith(".zig"))) {
    const { buildZig } = await import("./zig_build.ts");
    return buildZig(context, args, Object.keys(buildCommand.options ?? {}));
  }
  const start = Bun.nanoseconds();
  const { folder, config } = destination(args, bundleConfig(args, context.cwd), context.cwd);
  if (args.has("locked")) await requireLocked(context);
  const flags = openForBuild(context, args);
  const built = await bundle(args.operands, flags, {
    build: config,
    config: args.has("runtime-config") ? "file" : "built",
    scrubMaps: args.has("scrub-maps"),
    report: (line) => context.out.note(line),
    now: context.now(),
  });
  const metafile = args.value("metafile");
  await deliverBundle(context, built, { folder, metafile, start });
}

/** @throws ImmuconfigError `ERR_PACKAGES` */
async function requireLocked(context: Context): Promise<void> {
  const { requireListed } = await import("../../../trust/gate/checks.ts");
  const { requireInstalledAsLocked } = await import("../../../trust/gate/installed.ts");
  const { readProjectLock } = await import("../../../trust/gate/project_lock.ts");
  const { path, file } = open(context);
  const project = readProjectLock(dirname(realFilePath(path)));
  requireListed(project, file.packages);
  requireInstalledAsLocked(project);
}

interface Destination {
  /** Where the outputs go; nothing for standard output. */
  readonly folder: string | undefined;
  /** With the names that follow from it. */
  readonly config: BundleConfig;
}

/** @throws ImmuconfigError `ERR_USAGE` */
function destination(args: CommandArguments, config: BundleConfig, cwd: string): Destination {
  const [entry, ...more] = args.operands;
  const outdir = args.value("outdir");
  const outfile = args.value("outfile");
  if (entry === undefined) throw usageError("expected an entry point");
  if (outdir !== undefined && outfile !== undefined) {
    throw usageError("--outdir and --outfile exclude each other");
  }
  const { compile } = config;
  if (typeof compile === "object") {
    const name = outfile ?? basename(entry).replace(/(?<=.)\.[^.]*$/, "");
    const path = resolve(cwd, outdir ?? "", name);
    return { folder: dirname(path), config: { ...config, compile: { ...compile, outfile: path } } };
  }
  if (outfile !== undefined) {
    if (more.length > 0) throw usageError("--outfile takes one entry point; use --outdir");
    const path = resolve(cwd, outfile);
    const naming = typeof config.naming === "object" ? config.naming : {};
    const named = { ...config, naming: { ...naming, entry: basename(path) } };
    return { folder: dirname(path), config: named };
  }
  if (outdir !== undefined) return { folder: resolve(cwd, outdir), config };
  const { sourcemap = "none", splitting = false } = config;
  if (more.length > 0 || splitting || args.value("metafile") !== undefined) {
    throw usageError("more than one output needs --outdir");
  }
  if (sourcemap !== "none" && sourcemap !== "inline") {
    throw usageError(`--sourcemap=${String(sourcemap)} needs --outdir or --outfile`);
  }
  return { folder: undefined, config };
}

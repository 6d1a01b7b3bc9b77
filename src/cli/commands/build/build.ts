import { requireBunFor } from "../../../base/bun_only.ts";
import { basename, dirname, resolve } from "node:path";
import type { BundleConfig } from "../../../bundle/build/bundle.ts";
import { bundle, executableName } from "../../../bundle/build/bundle.ts";
import { usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import {
  FEATURE_OPTIONS,
  type FeatureOverrides,
  openForBuild,
  parseFeatures,
} from "./open_for_build.ts";
import {
  type AskedConfig,
  BUN_BUILD_OPTIONS,
  bundleConfig,
  withFolderSettings,
} from "./build_options.ts";
import { deliverBundle } from "./deliver_bundle.ts";
import { buildZig, parseZig, type ZigRequest } from "./zig_build.ts";

export interface BundleRequest {
  readonly kind: "bundle";
  readonly entries: readonly string[];
  readonly features: FeatureOverrides;
  /** What is handed to Bun's bundler, together with what the folder's files say. */
  readonly config: AskedConfig;
  readonly outdir: string | undefined;
  readonly outfile: string | undefined;
  readonly metafile: string | undefined;
  readonly scrubMaps: boolean;
  /** The project must be what the record lists. */
  readonly locked: boolean;
  /** `config` of immuconfig is read when the program starts. */
  readonly runtimeConfig: boolean;
}

export const buildCommand: Command<BundleRequest | ZigRequest> = {
  usage: [
    "ENTRY… [--feature X] [--no-feature X] [OPTIONS OF bun build]",
    "FILE.zig --outfile FILE.wasm",
  ],
  options: {
    ...FEATURE_OPTIONS,
    "scrub-maps": { summary: "take dead branches out of source maps" },
    locked: { summary: "fail unless the project is what the record lists (bun-config lock)" },
    "runtime-config": {
      summary: "read config of immuconfig when the program starts, from the file",
    },
    outdir: { value: "PATH", summary: "folder for the outputs" },
    outfile: { value: "PATH", summary: "file for the output" },
    metafile: {
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
  parse(args) {
    if (args.operands.some((entry) => entry.endsWith(".zig"))) return parseZig(args);
    return {
      kind: "bundle",
      entries: args.operands,
      features: parseFeatures(args),
      config: bundleConfig(args),
      outdir: args.value("outdir"),
      outfile: args.value("outfile"),
      metafile: args.value("metafile"),
      scrubMaps: args.has("scrub-maps"),
      locked: args.has("locked"),
      runtimeConfig: args.has("runtime-config"),
    };
  },
  async run(context, request) {
    return request.kind === "bundle" ? build(context, request) : buildZig(context, request);
  },
};

async function build(context: Context, request: BundleRequest): Promise<void> {
  requireBunFor("a build");
  const start = Bun.nanoseconds();
  const { folder, named, config } = destination(
    { ...request, config: withFolderSettings(request.config, context) },
    context.cwd,
  );
  if (request.locked) (await import("./require_locked.ts")).requireLocked(context);
  const flags = await openForBuild(context, request.features);
  const built = await bundle(request.entries, flags, {
    build: config,
    config: request.runtimeConfig ? "file" : "built",
    scrubMaps: request.scrubMaps,
    report: (line) => context.out.note(line),
    now: context.now(),
  });
  const { metafile } = request;
  await deliverBundle(context, built, { folder, named, metafile, start });
}

interface Destination {
  /** Where the outputs go; nothing for standard output. */
  readonly folder: string | undefined;
  /** The absolute path that the user gave the output. */
  readonly named?: string;
  /** With the names that follow from it. */
  readonly config: BundleConfig;
}

/** Of what is not said as `bun build` has it: `Bun.build` names chunks otherwise. */
function namingOf({ naming }: BundleConfig): Exclude<BundleConfig["naming"], string | undefined> {
  return { chunk: "[name]-[hash].[ext]", ...(typeof naming === "object" ? naming : {}) };
}

/** @throws ImmuconfigError `ERR_USAGE` */
function destination(request: BundleRequest, cwd: string): Destination {
  const { entries, config, outdir, outfile, metafile } = request;
  const [entry, ...more] = entries;
  if (entry === undefined) throw usageError("expected an entry point");
  if (outdir !== undefined && outfile !== undefined) {
    throw usageError("--outdir and --outfile exclude each other");
  }
  const { compile } = config;
  if (typeof compile === "object") {
    const path = resolve(cwd, outdir ?? "", outfile ?? executableName(entry));
    return { folder: dirname(path), config: { ...config, compile: { ...compile, outfile: path } } };
  }
  if (outfile !== undefined) {
    if (more.length > 0) throw usageError("--outfile takes one entry point; use --outdir");
    const path = resolve(cwd, outfile);
    const naming = { ...namingOf(config), entry: basename(path) };
    return { folder: dirname(path), named: path, config: { ...config, naming } };
  }
  if (outdir !== undefined) {
    return { folder: resolve(cwd, outdir), config: { ...config, naming: namingOf(config) } };
  }
  const { sourcemap = "none", splitting = false } = config;
  if (more.length > 0 || splitting || metafile !== undefined) {
    throw usageError("more than one output needs --outdir");
  }
  if (sourcemap !== "none" && sourcemap !== "inline") {
    throw usageError(`--sourcemap=${String(sourcemap)} needs --outdir or --outfile`);
  }
  return { folder: undefined, config };
}

import { type Bundle, bundleState } from "../../bundle/bundle_state.ts";
import { formatDiagnostic } from "../../bundle/source/diagnostic.ts";
import { type WrittenFile, writeBundle } from "../../bundle/write_bundle.ts";
import { absolutePath, fileNameOf, folderOf, relativePath } from "../../paths.ts";
import { type CommandArguments, usageError } from "../arguments.ts";
import { BUN_BUILD_OPTIONS, bundleConfig, type BuildPlan, planBuild } from "../build_options.ts";
import { FEATURE_OPTIONS, openForBuild, stateJson } from "../build_record.ts";
import type { Command, Context } from "../command.ts";
import { copies, count, formatBytes, formatDuration } from "../output.ts";

export const buildCommand: Command = {
  name: "build",
  summary: "bun build with the record's flags, checked, and the record in each output",
  usage: [
    "ENTRY… [--feature X] [--no-feature X] [OPTIONS OF bun build]",
    "FILE.zig --outfile FILE.wasm",
  ],
  options: {
    ...FEATURE_OPTIONS,
    "scrub-maps": { type: "boolean", summary: "take dead branches out of source maps" },
    ...BUN_BUILD_OPTIONS,
  },
  examples: [
    "bun-config build ./src/server.ts --target bun --outdir dist",
    "bun-config build ./src/server.ts --feature DEBUG --outfile dist/debug.js --sourcemap",
    "bun-config build ./src/cli.ts --compile --outfile dist/app",
  ],
  run: build,
};

function isZig(entry: string): boolean {
  return entry.endsWith(".zig");
}

async function build(context: Context, args: CommandArguments): Promise<void> {
  if (args.operands.some(isZig)) {
    const { buildZig } = await import("../zig_build.ts");
    return buildZig(context, args, Object.keys(buildCommand.options ?? {}));
  }
  const start = Bun.nanoseconds();
  const plan = planBuild(args);
  const folder = outputFolder(plan, args.operands, context.cwd);
  const state = await openForBuild(context, args);
  const bundle = await bundleState(args.operands, state, {
    build: bundleConfig(plan),
    scrubMaps: args.has("scrub-maps"),
    report: (line) => context.out.note(line),
    now: context.now(),
  });
  for (const warning of bundle.warnings) {
    context.out.note(`${context.out.style("yellow", "warning:")} ${formatDiagnostic(warning)}`);
  }
  if (folder === undefined) return printEntry(context, bundle);
  const written = await writeBundle(bundle.files, folder);
  if (plan.metafile !== undefined) {
    await Bun.write(absolutePath(folder, plan.metafile), JSON.stringify(bundle.metafile));
  }
  report(context, bundle, written, Bun.nanoseconds() - start);
}

/**
 * Where the outputs go; nothing for standard output. Gives the plan the names that follow from it.
 *
 * @throws ImmuconfigError `ERR_USAGE`
 */
function outputFolder(
  plan: BuildPlan,
  entries: readonly string[],
  cwd: string,
): string | undefined {
  const { outdir, outfile } = plan;
  const [entry, ...more] = entries;
  if (entry === undefined) throw usageError("expected an entry point");
  if (outdir !== undefined && outfile !== undefined) {
    throw usageError("--outdir and --outfile exclude each other");
  }
  if (plan.isExecutable) {
    const name = outfile ?? fileNameOf(absolutePath(cwd, entry)).replace(/(?<=.)\.[^.]*$/, "");
    plan.compile.outfile = absolutePath(absolutePath(cwd, outdir ?? ""), name);
    return folderOf(plan.compile.outfile);
  }
  if (outfile !== undefined) {
    if (more.length > 0) throw usageError("--outfile takes one entry point; use --outdir");
    const path = absolutePath(cwd, outfile);
    plan.naming.entry = fileNameOf(path);
    return folderOf(path);
  }
  if (outdir !== undefined) return absolutePath(cwd, outdir);
  const { sourcemap = "none", splitting = false } = plan.build;
  if (more.length > 0 || splitting || plan.metafile !== undefined) {
    throw usageError("more than one output needs --outdir");
  }
  if (sourcemap !== "none" && sourcemap !== "inline") {
    throw usageError(`--sourcemap=${String(sourcemap)} needs --outdir or --outfile`);
  }
  return undefined;
}

async function printEntry(context: Context, bundle: Bundle): Promise<void> {
  const [entry, ...more] = bundle.files;
  if (entry === undefined || more.length > 0)
    throw usageError("more than one output needs --outdir");
  const code = await entry.content.text();
  context.out.data({ ...stateJson(bundle.state), code }, code.trimEnd());
}

function report(
  context: Context,
  bundle: Bundle,
  written: readonly WrittenFile[],
  nanoseconds: number,
): void {
  const { elimination, warnings, metafile } = bundle;
  const modules = Object.keys(metafile.inputs).length;
  const files = written.map((file) => ({ ...file, path: relativePath(context.cwd, file.path) }));
  const width = Math.max(...files.map(({ path }) => path.length));
  const lines = files.map(
    ({ path, size, kind }) =>
      `  ${path.padEnd(width)}  ${formatBytes(size).padStart(9)}  (${kind.replace("-", " ")})`,
  );
  context.out.done(
    {
      ...stateJson(bundle.state),
      modules,
      outputs: copies(files),
      elimination: { ...elimination },
      warnings: copies(warnings),
      nanoseconds,
    },
    [`Built ${count(modules, "module")} in ${formatDuration(nanoseconds)}`, ...lines].join("\n"),
  );
}

import { basename, extname } from "node:path";
import { formatDiagnostic } from "../../bundle/diagnostic.ts";
import type { Bundle } from "../../bundle/feature_elimination.ts";
import { recordToText } from "../../format/record.ts";
import { type CommandArguments, usageError } from "../arguments.ts";
import { BUN_BUILD_OPTIONS, bundleConfig, type BuildPlan, planBuild } from "../build_options.ts";
import { FEATURE_OPTIONS, openForBuild } from "../build_record.ts";
import type { Command, Context } from "../command.ts";
import { formatDuration } from "../output.ts";

export const buildCommand: Command = {
  name: "build",
  summary: "bun build with the record's flags, checked, and the record in each output",
  usage: ["ENTRY… [--feature X] [--no-feature X] [OPTIONS OF bun build]"],
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

async function build(context: Context, args: CommandArguments): Promise<void> {
  if (args.operands.length === 0) throw usageError("expected an entry point");
  const start = Bun.nanoseconds();
  const plan = planBuild(args);
  requireOutput(plan, args.operands);
  const state = openForBuild(context, args);
  const { bundleState } = await import("../../bundle/feature_elimination.ts");
  const lines: string[] = [];
  const bundle = await bundleState(args.operands, state, {
    build: bundleConfig(plan),
    scrubMaps: args.has("scrub-maps"),
    report: (line) => lines.push(line),
    now: context.now(),
  });
  for (const warning of bundle.warnings) {
    context.out.note(`${context.out.style("yellow", "warning:")} ${formatDiagnostic(warning)}`);
  }
  const { writeBundle } = await import("../../bundle/write_bundle.ts");
  const target = { outdir: plan.outdir, outfile: plan.isExecutable ? undefined : plan.outfile };
  const written = await writeBundle(bundle, target);
}

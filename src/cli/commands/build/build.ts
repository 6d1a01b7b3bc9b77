import { bundleState } from "../../../bundle/build/bundle_state.ts";
import type { CommandArguments } from "../../args/arguments.ts";
import { bundleConfig, outputFolder, planBuild } from "./build_plan.ts";
import { deliverBundle } from "./deliver_bundle.ts";
import { BUN_BUILD_OPTIONS } from "./build_options.ts";
import { FEATURE_OPTIONS, openForBuild } from "./command_state.ts";
import type { Command, Context } from "../../command.ts";

export const buildCommand: Command<CommandArguments> = {
  usage: [
    "ENTRY… [--feature X] [--no-feature X] [OPTIONS OF bun build]",
    "FILE.zig --outfile FILE.wasm",
  ],
  options: {
    ...FEATURE_OPTIONS,
    "scrub-maps": { type: "boolean", summary: "take dead branches out of source maps" },
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
  const plan = planBuild(args, BUN_BUILD_OPTIONS);
  const folder = outputFolder(plan, args.operands, context.cwd);
  const state = await openForBuild(context, args);
  const bundle = await bundleState(args.operands, state, {
    build: bundleConfig(plan),
    scrubMaps: args.has("scrub-maps"),
    report: (line) => context.out.note(line),
    now: context.now(),
  });
  const { metafile: content } = bundle;
  const metafile = plan.metafile === undefined ? undefined : { path: plan.metafile, content };
  await deliverBundle(context, bundle, { folder, metafile, start });
}

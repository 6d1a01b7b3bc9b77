/** The record that a building command runs on, with `--feature` and `--no-feature`. */

import { isEnabled } from "../../../bundle/flags/build_flags.ts";
import { buildState } from "../../../bundle/flags/build_state.ts";
import type { BuildState } from "../../../bundle/flags/recorded_state.ts";
import type { RecordView } from "../../../bundle/flags/record_view.ts";
import { type CommandArguments, type OptionSpec, usageError } from "../../args/arguments.ts";
import type { Context } from "../../command.ts";

export const FEATURE_OPTIONS = {
  feature: { type: "string", multiple: true, value: "NAME", summary: "build with this flag on" },
  "no-feature": { type: "string", multiple: true, value: "NAME", summary: "build with it off" },
} as const satisfies Record<string, OptionSpec>;

/** Opens the record and reports what is set otherwise than it says. */
export async function openForBuild(context: Context, args: CommandArguments): Promise<BuildState> {
  const features: Record<string, boolean> = {};
  const off = args.values("no-feature");
  for (const name of args.values("feature")) {
    if (off.includes(name)) throw usageError(`--feature ${name} and --no-feature ${name} disagree`);
    features[name] = true;
  }
  for (const name of off) features[name] = false;
  const state = buildState(await openView(context), features);
  if (state.overridden.length > 0) {
    const overridden = state.overridden.map(
      (name) => `${name} ${isEnabled(state.flags, name) ? "on" : "off"}`,
    );
    const label = context.out.style("yellow", "not as recorded:");
    context.out.note(`${label} ${overridden.join(", ")} (record ${state.recordText})`);
  }
  return state;
}

async function openView({ cwd, env, file }: Context): Promise<RecordView> {
  const { openRecordView } = await import("../../../bundle/flags/open_build_state.ts");
  return openRecordView({ cwd, env, file });
}

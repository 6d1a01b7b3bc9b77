/** The record that a building command runs on, with `--feature` and `--no-feature`. */

import { type BuildState, openBuildState } from "../bundle/build_state.ts";
import { recordToText } from "../format/record.ts";
import { type CommandArguments, type OptionSpec, usageError } from "./arguments.ts";
import type { Context } from "./command.ts";
import type { Json } from "./output.ts";

export const FEATURE_OPTIONS = {
  feature: { type: "string", multiple: true, value: "NAME", summary: "build with this flag on" },
  "no-feature": { type: "string", multiple: true, value: "NAME", summary: "build with it off" },
} as const satisfies Record<string, OptionSpec>;

/** Opens the record and reports what is set otherwise than it says. */
export function openForBuild(context: Context, args: CommandArguments): BuildState {
  const on = args.values("feature");
  const off = args.values("no-feature");
  const both = on.find((name) => off.includes(name));
  if (both !== undefined) throw usageError(`--feature ${both} and --no-feature ${both} disagree`);
  const state = openBuildState(
    { cwd: context.cwd, env: context.env, file: args.value("file") },
    Object.fromEntries([...on.map((name) => [name, true]), ...off.map((name) => [name, false])]),
  );
  const overridden = state.overridden.map((name) => `${name} ${stateOf(state, name)}`);
  if (overridden.length > 0) {
    const label = context.out.style("yellow", "not as recorded:");
    context.out.note(`${label} ${overridden.join(", ")} (record ${recordToText(state.record)})`);
  }
  return state;
}

/** A build's record for `--json`. */
export function stateJson(state: BuildState): Readonly<Record<string, Json>> {
  return {
    file: state.path,
    record: recordToText(state.record),
    overridden: Object.fromEntries(
      state.overridden.map((name) => [name, state.flags.flags.get(name)?.enabled === true]),
    ),
  };
}

function stateOf(state: BuildState, name: string): "on" | "off" {
  return state.flags.flags.get(name)?.enabled === true ? "on" : "off";
}

/** The record that a building command runs on, with `--feature` and `--no-feature`. */

import { type BuildFlags, isEnabled } from "../../../bundle/flags/build_flags.ts";
import { openBuildFlags } from "../../../bundle/flags/open_build_flags.ts";
import { type CommandArguments, type OptionSpec, usageError } from "../../args/arguments.ts";
import type { Context } from "../../command.ts";
import type { Json } from "../../output/output.ts";

export const FEATURE_OPTIONS = {
  feature: { type: "string", multiple: true, value: "NAME", summary: "build with this flag on" },
  "no-feature": { type: "string", multiple: true, value: "NAME", summary: "build with it off" },
} as const satisfies Record<string, OptionSpec>;

/** Flags that a build sets otherwise than the record says, by name. */
export type FeatureOverrides = Readonly<Record<string, boolean>>;

/** @throws ImmuconfigError `ERR_USAGE` */
export function parseFeatures(args: CommandArguments): FeatureOverrides {
  const features: Record<string, boolean> = {};
  const off = args.values("no-feature");
  for (const name of args.values("feature")) {
    if (off.includes(name)) throw usageError(`--feature ${name} and --no-feature ${name} disagree`);
    features[name] = true;
  }
  for (const name of off) features[name] = false;
  return features;
}

/** Opens the record and reports what is set otherwise than it says. */
export function openForBuild(
  { cwd, env, file, out }: Context,
  features: FeatureOverrides,
): BuildFlags {
  const flags = openBuildFlags({ cwd, env, file }, features);
  if (flags.overridden.length > 0) {
    const overridden = flags.overridden.map(
      (name) => `${name} ${isEnabled(flags, name) ? "on" : "off"}`,
    );
    const label = out.style("yellow", "not as recorded:");
    out.note(`${label} ${overridden.join(", ")} (record ${flags.record})`);
  }
  return flags;
}

/** A build's record for `--json`. */
export function flagsJson(flags: BuildFlags): Readonly<Record<string, Json>> {
  const { file, record } = flags;
  const overridden: Record<string, boolean> = {};
  for (const name of flags.overridden) overridden[name] = isEnabled(flags, name);
  return { file, record, overridden };
}

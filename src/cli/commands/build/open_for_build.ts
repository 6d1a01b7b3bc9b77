/** The record that a building command runs on, with `--feature` and `--no-feature`. */

import {
  type BuildFlags,
  buildFlags,
  chooseFlags,
  isEnabled,
} from "../../../bundle/flags/build_flags.ts";
import { fastRead } from "../../../runtime/fast_read.ts";
import type { LoadedRecord } from "../../../runtime/loaded_record.ts";
import { type CommandArguments, type OptionSpec, usageError } from "../../args/arguments.ts";
import type { Context } from "../../command.ts";

export const FEATURE_OPTIONS = {
  feature: { multiple: true, value: "NAME", summary: "build with this flag on" },
  "no-feature": { multiple: true, value: "NAME", summary: "build with it off" },
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
export async function openForBuild(
  context: Context,
  features: FeatureOverrides,
): Promise<BuildFlags> {
  const { out } = context;
  const flags = chooseFlags(buildFlags(await loadForBuild(context)), features);
  if (flags.overridden.length > 0) {
    const overridden = flags.overridden.map(
      (name) => `${name} ${isEnabled(flags, name) ? "on" : "off"}`,
    );
    const label = out.style("yellow", "not as recorded:");
    out.note(`${label} ${overridden.join(", ")} (record ${flags.record})`);
  }
  return flags;
}

/** By the native library, which spares the build the store and the codec, wherever that can say. */
async function loadForBuild({ cwd, env, file }: Context): Promise<LoadedRecord> {
  const quick = fastRead({ cwd, env, isOwn: 0, file });
  if (quick !== undefined) return quick;
  const { loadRecord } = await import("../../../runtime/loaded_record.ts");
  return loadRecord({ cwd, env, file });
}

/** A build's record for `--json`. */
export function flagsJson(flags: BuildFlags) {
  const { file, record } = flags;
  const states = flags.overridden.map((name) => [name, isEnabled(flags, name)] as const);
  return { file, record, overridden: Object.fromEntries(states) };
}

/** What goes to a build in a process of its own, and what comes back. */

import type { BuildSizes, BundleSize } from "../../bundle/analysis/ledger/build_sizes.ts";
import type { BuildFlag, BuildFlags } from "../../bundle/flags/build_flags.ts";

export interface FlagsJson extends Omit<BuildFlags, "byName" | "constants"> {
  readonly byName: readonly BuildFlag[];
  readonly constants: readonly (readonly [string, boolean | number | string])[];
}

export interface BuiltJson {
  readonly size: BundleSize;
  readonly modules: readonly (readonly [string, number])[];
}

function flagsJson({ byName, constants, ...rest }: BuildFlags): FlagsJson {
  return { ...rest, byName: [...byName.values()], constants: [...constants] };
}

export function flagsOf({ byName, constants, ...rest }: FlagsJson): BuildFlags {
  const flags = new Map(byName.map((flag) => [flag.name, flag]));
  return { ...rest, byName: flags, constants: new Map(constants) };
}

export function builtOf({ size, modules }: BuiltJson): BuildSizes {
  return { size, modules: new Map(modules) };
}

/** A build as a task: where its sources are, and with which flags. */
interface BuildTask {
  readonly folder: string;
  readonly flags: FlagsJson;
}

export function writeBuildTask(folder: string, flags: BuildFlags): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ folder, flags: flagsJson(flags) }));
}

export function readBuildTask(bytes: Uint8Array): BuildTask {
  return JSON.parse(new TextDecoder().decode(bytes)) as BuildTask;
}

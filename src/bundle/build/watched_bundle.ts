/** The end of a build whose inputs the native library watches. */

import { finishOutput, requireFeatures } from "./bun_bundler.ts";
import { bundleFiles, type CheckedBundle } from "./bundle_file.ts";
import { concludeCheck } from "./elimination.ts";
import { dayOf } from "../../base/units.ts";
import type { Addon } from "../../native/addon.ts";
import { isSettled } from "../flags/build_flags.ts";
import type { BuildState } from "../flags/recorded_state.ts";
import { seenSources, type SeenSource } from "./seen_sources.ts";
import type { SourceCheck } from "../source/source_check.ts";
import type { StartedBundle } from "./start_bundle.ts";

/**
 * Waits for the bundler and checks what it read.
 *
 * @param addon that watched its inputs
 * @returns nothing when the library could not look at an input
 * @throws ImmuconfigError `ERR_SOURCE`, `ERR_BUNDLER`
 */
export async function finishWatched(
  { state, running }: StartedBundle,
  addon: Addon,
): Promise<CheckedBundle | undefined> {
  const [{ outputs }] = await Promise.all([finishOutput(running), requireFeatures()]);
  const start = Bun.nanoseconds();
  const sources = seenSources(addon);
  if (sources === undefined) return undefined;
  const found = await checkSeen(sources, state);
  const { elimination, warnings } = concludeCheck(found, start);
  return {
    files: bundleFiles(outputs),
    state,
    elimination,
    warnings,
    modules: addon.bundlerInputCount(),
  };
}

async function checkSeen(
  sources: readonly SeenSource[],
  { flags: record }: BuildState,
): Promise<SourceCheck> {
  const calls: string[] = [];
  const others: string[] = [];
  for (const source of sources) {
    if (source.calls?.every((name) => isSettled(record, name)) === true) {
      calls.push(...source.calls);
    } else others.push(source.path);
  }
  if (others.length === 0) return { calls, errors: [], warnings: [] };
  const { checkInputs } = await import("../source/input_check.ts");
  const today = dayOf(new Date());
  const rest = await checkInputs(others, { root: process.cwd(), record, today });
  return { ...rest, calls: [...calls, ...rest.calls] };
}

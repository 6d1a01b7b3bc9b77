/**
 * Starts Bun's bundler with a record. A program gets here with as little code as it can: all that
 * is to be done with the result is loaded while the bundler runs.
 */

import type { BuildConfig, BuildOutput, BunPlugin } from "bun";
import type { BuildState } from "../flags/recorded_state.ts";
import { type BuildFlags, enabledFlags, recordDefines } from "../flags/build_flags.ts";
import type { BundleConfig } from "./bundle_config.ts";
import { recordMarker } from "../flags/record_marker.ts";

/** A bundler at work. */
export interface StartedBundle {
  readonly entrypoints: readonly string[];
  readonly state: BuildState;
  readonly running: Promise<BuildOutput>;
}

/**
 * @param build `minify.syntax` is on unless it is set
 * @param watch sees the inputs; otherwise the bundler lists them in `metafile`
 */
export function startBundle(
  entrypoints: readonly string[],
  state: BuildState,
  build: BundleConfig,
  watch?: BunPlugin,
): StartedBundle {
  const { minify = {}, footer } = build;
  const marker = recordMarker(state.recordText);
  const config = {
    ...build,
    entrypoints: [...entrypoints],
    // Without it, dead branches stay.
    minify: typeof minify === "boolean" ? minify : { syntax: true, ...minify },
    footer: footer === undefined ? marker : `${footer}\n${marker}`,
  };
  const inputs =
    watch === undefined ? { metafile: true } : { plugins: [...(build.plugins ?? []), watch] };
  return { entrypoints, state, running: startBundler({ ...config, ...inputs }, state.flags) };
}

/**
 * @param config of the build, without features
 * @returns rejects for options that exclude each other, or that this platform has not
 */
export function startBundler(config: BuildConfig, record: BuildFlags): Promise<BuildOutput> {
  const running = callBundler({
    ...config,
    features: enabledFlags(record),
    define: { ...recordDefines(record), ...config.define },
    throw: false,
  });
  // It may fail before anybody waits for it, who will then hear of it.
  running.catch(() => undefined);
  return running;
}

function callBundler(config: BuildConfig): Promise<BuildOutput> {
  try {
    return Bun.build(config);
  } catch (cause) {
    return Promise.reject(cause);
  }
}

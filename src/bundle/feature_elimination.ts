/** Builds with the project's record: the public way in. */

import type { FeatureChoice } from "./flags/build_state.ts";
import { type Record, recordFromText } from "../format/record.ts";
import type { BuildState } from "./flags/recorded_state.ts";
import { type Bundle, type BundleOptions, bundleState } from "./build/bundle_state.ts";
import { openBuildState } from "./flags/open_build_state.ts";

export { bundleState };
export type { BundleFile } from "./build/bundle_file.ts";
export type { Bundle, BundleOptions } from "./build/bundle_state.ts";
export type { Elimination } from "./build/elimination.ts";

export type { BundleConfig } from "./build/bundle_config.ts";

/** A bundle, and the record that its outputs carry. */
export interface RecordedBundle extends Bundle {
  readonly state: BuildState & { readonly record: Record };
}

/**
 * Bundles a program with the flags of the project's record, some of them set otherwise. Every
 * output of JavaScript carries the record. Nothing is written, but for the executable of
 * `build.compile`.
 *
 * @param entrypoint one path, or several
 * @param features flags to set otherwise than the record, by name; or the names of all that are on
 * @param options.file the configuration file; otherwise it is found as the commands find it
 * @throws ImmuconfigError `ERR_SOURCE` when a source uses a flag in a way that Bun gets wrong;
 * `ERR_BUNDLER` when the build fails; `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SIGNATURE` and `ERR_PIN` for the
 * record; `ERR_VALUE`, `ERR_RETIRED` and `ERR_FROZEN` for `features`; FormatError
 * @example
 * const { files } = await bundleWithFeatures("./src/server.ts", { DEBUG: true });
 * for (const { path, content } of files) await Bun.write(`dist/${path}`, content);
 */
export async function bundleWithFeatures(
  entrypoint: string | readonly string[],
  features: FeatureChoice,
  options: BundleOptions & { readonly file?: string } = {},
): Promise<RecordedBundle> {
  const { file } = options;
  const state = openBuildState({ cwd: process.cwd(), env: process.env, file }, features);
  const entrypoints = typeof entrypoint === "string" ? [entrypoint] : entrypoint;
  const bundle = await bundleState(entrypoints, state, options);
  return { ...bundle, state: { ...state, record: recordFromText(state.recordText) } };
}

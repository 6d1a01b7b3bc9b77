/** `immuconfig/bundle`: builds with the project's record. */

import { type Bundle, type BundleOptions, bundle } from "./build/bundle.ts";
import type { FeatureChoice } from "./flags/build_flags.ts";
import { openBuildFlags } from "./flags/open_build_flags.ts";
import { ownEnvironment } from "../runtime/own_environment.ts";

export type { Bundle, BundleConfig, BundleFile, BundleOptions } from "./build/bundle.ts";
export type { ConfigSource } from "./flags/build_flags.ts";
export type { Elimination } from "./build/input_check.ts";
export type { BuildFlag, BuildFlags, FeatureChoice } from "./flags/build_flags.ts";
export { type Diagnostic, SourceError } from "./source/diagnostic.ts";

/**
 * Bundles a program with the flags of the project's record, some of them set otherwise. Every
 * output of JavaScript carries the record. Nothing is written, but for the executable of
 * `build.compile`.
 *
 * @param entrypoint one path, or several
 * @param features flags to set otherwise than the record, by name; or the names of all that are on
 * @param options.file the configuration file; otherwise it is found as the commands find it
 * @throws SourceError `ERR_SOURCE` when a source uses a flag in a way that Bun gets wrong
 * @throws ImmuconfigError `ERR_BUNDLER` when the build fails; `ERR_NOT_FOUND`, `ERR_READ`,
 * `ERR_SIGNATURE` and `ERR_PIN` for the record; `ERR_VALUE`, `ERR_RETIRED` and `ERR_FROZEN` for
 * `features`; FormatError
 * @example
 * const { files } = await bundleWithFeatures("./src/server.ts", { DEBUG: true });
 * for (const { path, content } of files) await Bun.write(`dist/${path}`, content);
 */
export async function bundleWithFeatures(
  entrypoint: string | readonly string[],
  features: FeatureChoice,
  options: Partial<BundleOptions> & { readonly file?: string } = {},
): Promise<Bundle> {
  const { file, now = new Date(), report = console.error } = options;
  const flags = openBuildFlags({ cwd: process.cwd(), env: ownEnvironment(), file }, features);
  const entrypoints = typeof entrypoint === "string" ? [entrypoint] : entrypoint;
  return bundle(entrypoints, flags, { ...options, now, report });
}

/** What a caller may set of a build. */

import type { BuildConfig } from "bun";

/** Options of `Bun.build`; the rest follows from the record. */
export type BundleConfig = Omit<
  BuildConfig,
  "entrypoints" | "features" | "metafile" | "throw" | "outdir"
>;

/** The files of a bundle, in memory. */

import type { BuildArtifact } from "bun";
import type { Elimination } from "./elimination.ts";
import type { BuildState } from "../flags/recorded_state.ts";
import type { Diagnostic } from "../source/diagnostic.ts";

export interface BundleFile {
  /** Relative to the output folder; absolute for an executable and its map. */
  readonly path: string;
  readonly kind: BuildArtifact["kind"] | "executable";
  readonly content: Blob;
}

/** A bundle whose sources were checked. */
export interface CheckedBundle {
  readonly files: readonly BundleFile[];
  readonly state: BuildState;
  readonly elimination: Elimination;
  readonly warnings: readonly Diagnostic[];
  /** How many inputs it was made of. */
  readonly modules: number;
}

export function bundleFiles(outputs: readonly BuildArtifact[]): BundleFile[] {
  return outputs.map((content) => {
    const { path, kind } = content;
    return { path, kind, content };
  });
}

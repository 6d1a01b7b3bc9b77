/** How large one build is, and what is in it. */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { BundlerRun } from "../../build/bundler.ts";

/** Bytes of all files of a bundle but its source maps. */
export interface BundleSize {
  readonly raw: number;
  /** Each file compressed alone, as a server sends it. */
  readonly gzip: number;
}

export interface BuildSizes {
  readonly size: BundleSize;
  /** Bytes of each module that is in the bundle, by its path as the bundler names it. */
  readonly modules: ReadonlyMap<string, number>;
}

const compress = promisify(gzip);

export async function sizesOf(run: BundlerRun): Promise<BuildSizes> {
  let raw = 0;
  let compressed = 0;
  for (const output of run.outputs) {
    if (output.kind === "sourcemap") continue;
    raw += output.size;
    compressed += (await compress(await output.arrayBuffer())).length;
  }
  const modules = new Map<string, number>();
  for (const { inputs } of Object.values(run.metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      if (bytesInOutput > 0) modules.set(path, (modules.get(path) ?? 0) + bytesInOutput);
    }
  }
  return { size: { raw, gzip: compressed }, modules };
}

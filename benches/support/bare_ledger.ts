/** The builds that a ledger is made of, and nothing else: what no ledger can be quicker than. */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { BundleConfig } from "../../src/bundle/build/bundle.ts";
import { type BuildFlags, enabledFlags, usableFlags } from "../../src/bundle/flags/build_flags.ts";
import { mapBounded } from "../../src/bundle/analysis/parallel.ts";

const compress = promisify(gzip);
/** As many as the ledger runs on a machine of two cores. */
const PARALLEL = 2;

/**
 * Builds a program as the record says, and with each flag turned round, and compresses each output.
 *
 * @returns seconds
 */
export async function buildEachFlag(
  entry: string,
  flags: BuildFlags,
  build: BundleConfig,
): Promise<number> {
  const recorded = enabledFlags(flags);
  const turned = usableFlags(flags).map((name) =>
    recorded.includes(name) ? recorded.filter((other) => other !== name) : [...recorded, name],
  );
  const start = Bun.nanoseconds();
  await mapBounded([recorded, ...turned], PARALLEL, async (features) => {
    const { outputs } = await Bun.build({
      ...build,
      entrypoints: [entry],
      features,
      minify: { syntax: true },
      metafile: true,
    });
    for (const output of outputs) await compress(await output.arrayBuffer());
  });
  return (Bun.nanoseconds() - start) / 1e9;
}

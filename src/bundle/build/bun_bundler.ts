/** One run of Bun's bundler in this process, with a record, and proof that it obeyed. */

import type { BuildConfig, BuildMetafile, BuildOutput } from "bun";
import { ImmuconfigError } from "../../base/errors.ts";
import type { BuildFlags } from "../flags/build_flags.ts";
import { startBundler } from "./start_bundle.ts";

export interface BundlerRun extends BuildOutput {
  readonly metafile: BuildMetafile;
}

/**
 * @param config of the build, without features
 * @throws ImmuconfigError `ERR_BUNDLER` with the bundler's messages
 */
export function runBundler(config: BuildConfig, record: BuildFlags): Promise<BundlerRun> {
  return finishRun(startBundler({ ...config, metafile: true }, record));
}

/**
 * @param running a build with a metafile
 * @throws ImmuconfigError `ERR_BUNDLER` with the bundler's messages
 */
export async function finishRun(running: Promise<BuildOutput>): Promise<BundlerRun> {
  const output = await finishOutput(running);
  const { metafile } = output;
  if (metafile === undefined) throw new ImmuconfigError("ERR_BUNDLER", "there is no metafile");
  return { ...output, metafile };
}

/** @throws ImmuconfigError `ERR_BUNDLER` with the bundler's messages */
export async function finishOutput(running: Promise<BuildOutput>): Promise<BuildOutput> {
  let output: BuildOutput;
  try {
    output = await running;
  } catch (cause) {
    throw new ImmuconfigError("ERR_BUNDLER", String(cause), { cause });
  }
  if (output.success) return output;
  const messages = output.logs.map(formatMessage);
  throw new ImmuconfigError("ERR_BUNDLER", messages.join("\n") || "the build failed", {
    ...(messages.some(isMissingEntry) ? { hint: MISSING_ENTRY_HINT } : {}),
    cause: output.logs[0],
  });
}

/** Versions for which the tests have run the probe: a build need not run it again. */
const PROVEN_VERSIONS: ReadonlySet<string> = new Set(["1.4.5"]);

/**
 * Makes sure that this Bun sets features as it is told: one that did not would build every flag
 * off, without a word.
 *
 * @throws ImmuconfigError `ERR_BUNDLER`
 */
export async function requireFeatures(): Promise<void> {
  if (!PROVEN_VERSIONS.has(Bun.version)) await probeFeatures();
}

const PROBE_PATH = "/immuconfig-probe.ts";
const PROBE = `import { feature } from "bun:bundle";
console.log(feature("PROBE_ON") ? "on+" : "on-", feature("PROBE_OFF") ? "off+" : "off-");`;

/**
 * Builds a few lines in memory and looks at what comes out.
 *
 * @throws ImmuconfigError `ERR_BUNDLER`
 */
export async function probeFeatures(): Promise<void> {
  const { outputs } = await Bun.build({
    entrypoints: [PROBE_PATH],
    files: { [PROBE_PATH]: PROBE },
    features: ["PROBE_ON"],
    minify: { syntax: true },
    throw: false,
  });
  const text = (await outputs[0]?.text()) ?? "";
  if (text.includes('"on+", "off-"')) return;
  throw new ImmuconfigError(
    "ERR_BUNDLER",
    `Bun ${Bun.version} does not build feature() as its features option says`,
    { hint: "Use Bun 1.4.5." },
  );
}

const MISSING_ENTRY_HINT = "Check the path: an entry point is named from the working folder.";

function isMissingEntry(message: string): boolean {
  return message.startsWith("ModuleNotFound") && message.endsWith("(entry point)");
}

/** `src/app.ts:3:5: message`. */
function formatMessage(log: BuildOutput["logs"][number]): string {
  const { position, message } = log;
  if (position === null) return message;
  return `${position.file}:${position.line}:${position.column}: ${message}`;
}

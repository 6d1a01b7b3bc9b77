/** One run of Bun's bundler in this process, with a record, and proof that it obeyed. */

import type { BuildConfig, BuildMetafile, BuildOutput, BunPlugin } from "bun";
import { ImmuconfigError } from "../../base/errors.ts";
import { type BuildFlags, enabledFlags } from "../flags/build_flags.ts";
import type { ConfigSource } from "../flags/build_flags.ts";
import { asksForCore, RECORD_IMPORT, recordDefines, recordModule } from "../flags/record_module.ts";
import { devDependencies } from "../../../package.json";

/** The version of Bun that the tests run on. */
export const BUN_TESTED = devDependencies.bun;

export interface BundlerRun extends BuildOutput {
  readonly metafile: BuildMetafile;
}

export type BundlerConfig = BuildConfig & { readonly config?: ConfigSource | undefined };

/**
 * Starts the bundler at once: a program has the time that it takes for other work.
 *
 * @param config of the build, without features
 * @throws ImmuconfigError (rejects) `ERR_BUNDLER` with the bundler's messages; `ERR_VALUE` for an
 * option that it cannot take
 */
export function startBundler(config: BundlerConfig, flags: BuildFlags): Promise<BundlerRun> {
  const { config: source = "built", ...options } = config;
  const plugins =
    source === "built" ? [recordPlugin(flags), ...(config.plugins ?? [])] : config.plugins;
  const running = runBundler({
    ...options,
    ...(plugins === undefined ? {} : { plugins }),
    features: enabledFlags(flags),
    define: { ...recordDefines(flags), ...config.define },
  });
  // It may fail before anybody waits for it, who will then hear of it.
  running.catch(() => undefined);
  return running;
}

/**
 * Runs the bundler without a record.
 *
 * @throws ImmuconfigError as `startBundler`
 */
export async function runBundler(config: BuildConfig): Promise<BundlerRun> {
  let output: BuildOutput;
  try {
    output = await Bun.build({ ...config, metafile: true, throw: false });
  } catch (cause) {
    // What Bun says of options that exclude each other, or that this platform has not.
    const isOption = cause instanceof TypeError || cause instanceof RangeError;
    if (isOption) throw new ImmuconfigError("ERR_VALUE", cause.message, { cause });
    throw new ImmuconfigError("ERR_BUNDLER", String(cause), { cause });
  }
  if (!output.success) {
    const messages = output.logs.map(formatMessage);
    throw new ImmuconfigError("ERR_BUNDLER", messages.join("\n") || "the build failed", {
      ...(messages.some(isMissingEntry) ? { hint: MISSING_ENTRY_HINT } : {}),
      cause: output.logs[0],
    });
  }
  const { metafile } = output;
  if (metafile === undefined) throw new ImmuconfigError("ERR_BUNDLER", "there is no metafile");
  return { ...output, metafile };
}

/** How a build is minified, unless it is said otherwise: without the syntax, dead branches stay. */
export function withSyntax({
  minify = {},
}: Pick<BuildConfig, "minify">): NonNullable<BuildConfig["minify"]> {
  return typeof minify === "boolean" ? minify : { syntax: true, ...minify };
}

/** Has `immuconfig` be the record's values. */
export function recordPlugin(flags: BuildFlags): BunPlugin {
  return {
    name: "immuconfig-record",
    setup(builder) {
      builder.onResolve({ filter: RECORD_IMPORT }, ({ path, importer }) => {
        return { path: asksForCore(importer) ? `${path}${WITH_CORE}` : path, namespace: NAMESPACE };
      });
      builder.onLoad({ filter: /^/, namespace: NAMESPACE }, ({ path }) => {
        const [specifier = ""] = path.split(WITH_CORE);
        return { contents: recordModule(specifier, flags, path !== specifier), loader: "js" };
      });
    },
  };
}

const NAMESPACE = "immuconfig";
const WITH_CORE = "+core";

const MISSING_ENTRY_HINT = "Check the path: an entry point is named from the working folder.";

function isMissingEntry(message: string): boolean {
  return message.startsWith("ModuleNotFound") && message.endsWith("(entry point)");
}

/** `src/app.ts:3:5: message`; without a line where it is of no place in the text. */
function formatMessage(log: BuildOutput["logs"][number]): string {
  const { position, message } = log;
  if (position === null) return message;
  const { file, line, column } = position;
  return line > 0 ? `${file}:${line}:${column}: ${message}` : `${file}: ${message}`;
}

/**
 * Makes sure that this Bun sets features as it is told: one that did not would build every flag
 * off, without a word. The tests have seen it of one version: a build need not.
 *
 * @throws ImmuconfigError `ERR_BUNDLER`
 */
export async function requireFeatures(): Promise<void> {
  if (Bun.version !== BUN_TESTED) await probeFeatures();
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
    { hint: `Use Bun ${BUN_TESTED}.` },
  );
}

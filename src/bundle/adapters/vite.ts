/** `immuconfig/vite`, for Vite and Vitest. */

import { resolve } from "node:path";
import type { Plugin as EsbuildPlugin } from "esbuild";
import type { Plugin, ResolvedConfig, Rolldown, ViteDevServer } from "vite";
import { ImmuconfigError } from "../../base/errors.ts";
import type { BuildFlags } from "../flags/build_flags.ts";
import { testFeaturesModule } from "../flags/test_features.ts";
import { BUNDLE_IMPORT } from "../source/needles.ts";
import {
  FEATURES_MODULE,
  flagsDigest,
  loadBuildFlags,
  type Place,
  type PlacedOptions,
  PLUGIN_NAME,
  runsTests,
  unreplacedImport,
} from "./common.ts";
import { compiledComponentsInVite } from "./compiled.ts";
import { immuconfig as esbuildPlugin } from "./esbuild.ts";
import type { ImmuconfigOptions } from "./options.ts";
import { strayEntries } from "./stray_entries.ts";
import { missingPatterns, watchRecord } from "./watch_record.ts";
import { plugin } from "./plugin.ts";

export type { ImmuconfigOptions };

/**
 * Gives Vite the project's record: `feature()` and `Bun.config` become literals.
 *
 * Vite fails with an ImmuconfigError when the record cannot be read, with `ERR_VALUE` or `ERR_RETIRED`
 * for a name in `features`, and with `ERR_SOURCE` at a source that some bundler gets wrong.
 *
 * @example
 * import { immuconfig } from "immuconfig/vite";
 * export default { plugins: [immuconfig()] }; // vite.config.ts, or vitest.config.ts
 */
export function immuconfig(options: ImmuconfigOptions = {}): Plugin[] {
  const place: Place = {};
  const placed = { ...options, place };
  // First the one that learns of the root.
  return [forServer(placed, place), ...forModules(placed)];
}

/** For what Vite transforms one by one: it has a copy of Rolldown, whose types are not quite the same. */
function forModules(options: PlacedOptions): Plugin[] {
  return [plugin.vite(options), compiledComponentsInVite(options) as unknown as Plugin];
}

/** By Vite's settings a package as a whole: its other modules are run as they are. */
const RECORD_PACKAGE = "immuconfig";

/** `bun:bundle` in a test: other plugins leave what begins so alone. */
const FEATURES_ID = "\0immuconfig-features";

/** Its pages find no socket any more where Vite starts its server again without Nuxt. */
const NUXT_ADVICE =
  "and counts when Nuxt starts again: by itself where nuxt.config has watch: [PATH OF THE FILE]";

/**
 * What Vite does beside the modules that it transforms one by one.
 *
 * @param place that of the options, which learns of the root
 */
function forServer(options: PlacedOptions, place: Place): Plugin {
  let flags: BuildFlags | undefined;
  const read = () => (flags ??= loadBuildFlags(options));
  const readAt = (root = ""): BuildFlags => {
    place.root = resolve(root);
    return (flags = loadBuildFlags(options));
  };
  let isTest = false;
  return {
    // Vitest keeps transformed modules by the names of the plugins, among other things, and asks for
    // them when the root is known.
    get name() {
      return flags === undefined
        ? `${PLUGIN_NAME}:server`
        : `${PLUGIN_NAME}:server:${flagsDigest(flags)}`;
    },
    enforce: "pre",
    config({ root, worker, build }) {
      const found = readAt(root);
      const { meta } = (this as Partial<typeof this> | undefined) ?? {};
      const include = missingPatterns(build?.watch?.include, found.file);
      return {
        // Node would load the package itself on a development server, and it reads the file once.
        ...(options.config === "file" ? {} : { ssr: { noExternal: [RECORD_PACKAGE] } }),
        optimizeDeps: bundledAhead(options, found, meta?.rolldownVersion !== undefined),
        // Vite joins it with what is there.
        ...(include.length === 0 ? {} : { build: { watch: { include } } }),
        // Plugins do not reach workers by themselves.
        worker: { plugins: () => [...(worker?.plugins?.() ?? []), ...forModules(options)] },
      };
    },
    configureServer: (server) => restartOnChange(server, read(), options),
    configResolved(settings) {
      isTest = runsTests(settings);
      // A plugin behind this one may have set another root.
      readAt(settings.root);
      for (const text of strayEntries(options, entriesOf(settings))) settings.logger.warn(text);
    },
    load: {
      filter: { id: new RegExp(`^${FEATURES_ID}$`) },
      handler: (id) => (id === FEATURES_ID ? testFeaturesModule(read()) : undefined),
    },
    resolveId: {
      filter: { id: new RegExp(`${BUNDLE_IMPORT.source}|^${FEATURES_MODULE}$`) },
      // `scan` is not in Vite's types: it marks the search for packages, which reads sources that
      // nothing has transformed yet.
      handler(id, importer, { scan }: { isEntry: boolean; scan?: boolean }) {
        // Vite before 6.3 has no filters, and asks for every module.
        if (!BUNDLE_IMPORT.test(id) && id !== FEATURES_MODULE) return undefined;
        if (scan === true) return { id, external: true };
        if (id === FEATURES_MODULE) return isTest ? FEATURES_ID : undefined;
        throw unreplacedImport(importer);
      },
    },
  };
}

/** What is built, or served, where the settings name it: of Vite before 8 by the older name. */
function entriesOf({ build }: ResolvedConfig): string[] {
  const { input } = (build as Partial<typeof build>).rolldownOptions ?? build.rollupOptions;
  const named = [input, build.lib === false ? undefined : build.lib.entry, build.ssr];
  return named.flatMap((one) => {
    if (typeof one === "string") return [one];
    return typeof one === "object" ? Object.values(one) : [];
  });
}

/**
 * Starts a server again when the record is another, so that sources, packages and errors are all of one
 * record. Its own watcher loses a file that is replaced, and does not look above the root.
 */
function restartOnChange(server: ViteDevServer, served: BuildFlags, options: PlacedOptions): void {
  const { logger, plugins } = server.config;
  const stopWatching = watchRecord(served.file, () => {
    if (!isChanged(served, options)) return;
    if (plugins.some(({ name }) => name.startsWith("nuxt:"))) {
      logger.warn(`${served.file} changed, ${NUXT_ADVICE}`, { timestamp: true });
      return;
    }
    stopWatching();
    logger.info(`${served.file} changed, restarting server...`, { timestamp: true });
    void server.restart();
  });
  // A server that starts again ends behind its successor, which may have the same plugins.
  const close = server.close.bind(server);
  server.close = async () => {
    stopWatching();
    await close();
  };
}

/**
 * The development server bundles packages ahead, and keeps them for as long as its settings are the
 * same. Of a plugin it looks at the name, so the name holds the record. Its own bundlers work where Vite
 * was started, and know nothing of its root.
 *
 * @param hasRolldown Vite has a copy of its own, whose types are not quite the same; before 8 it has esbuild
 */
function bundledAhead(options: PlacedOptions, flags: BuildFlags, hasRolldown: boolean) {
  const name = `${PLUGIN_NAME}:${flagsDigest(flags)}`;
  if (hasRolldown) {
    const bundled = { ...plugin.rolldown(options), name } as unknown as Rolldown.Plugin;
    return { rolldownOptions: { plugins: [bundled] } };
  }
  const setup: EsbuildPlugin["setup"] = (build) => {
    const absWorkingDir = resolve(options.place?.root ?? "");
    const initialOptions = { ...build.initialOptions, absWorkingDir };
    return esbuildPlugin(options).setup({ ...build, initialOptions });
  };
  return { esbuildOptions: { plugins: [{ name, setup }] } };
}

/** Whether the record is another one by now; one that is away, or half way through a merge, is waited for. */
function isChanged(flags: BuildFlags, options: PlacedOptions): boolean {
  try {
    return flagsDigest(loadBuildFlags({ ...options, file: flags.file })) !== flagsDigest(flags);
  } catch (error) {
    if (error instanceof ImmuconfigError) return false;
    throw error;
  }
}

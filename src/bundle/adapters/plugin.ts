/** The plugin that Vite, Rollup, Rolldown and webpack share. */

import {
  type UnpluginBuildContext,
  type UnpluginInstance,
  type UnpluginOptions,
  createUnplugin,
} from "unplugin";
import { formatDiagnostic } from "../source/diagnostic.ts";
import type { BuildFlags } from "../flags/build_flags.ts";
import { asksForCore, RECORD_IMPORT, recordModule } from "../flags/record_module.ts";
import { BUNDLE_IMPORT, MODULE_ID, SOURCE_TEXT } from "../source/needles.ts";
import { pathOf } from "../flags/module_path.ts";
import {
  flagsDigest,
  loadBuildFlags,
  PLUGIN_NAME,
  runsTests,
  NeedleCache,
  unreplacedImport,
} from "./common.ts";
import { combinedMap } from "./compiled.ts";
import { transformForTest, transformModule } from "./module_transform.ts";
import type { ImmuconfigOptions } from "./options.ts";
import { keyCache, readAtCompilation, replaceRecordRequests } from "./pack_compiler.ts";
import { decideLoopBodies } from "./rollup_bodies.ts";
import { mirrorRecord } from "./watch_record.ts";

export const plugin: UnpluginInstance<ImmuconfigOptions, false> = createUnplugin(
  (options: ImmuconfigOptions, { framework }): UnpluginOptions => {
    const usesLoaders = framework === "webpack";
    // Nothing moves, so Rollup and Rolldown need no map. The others would show the replaced text
    // as the source; the loader asks for the map only where the build makes one.
    let needsMap = usesLoaders;
    let isTest = false;
    let flags = loadBuildFlags(options);
    const first = flags.file;
    const needles = new NeedleCache();
    let mirror: ReturnType<typeof mirrorRecord> | undefined;
    return {
      name: PLUGIN_NAME,
      enforce: "pre",
      // webpack gives up a watch whose start fails: there the record is read below.
      ...(usesLoaders
        ? {}
        : {
            buildStart() {
              // First, so that a record that is away starts the next build when it is back.
              for (const file of new Set([first, flags.file])) this.addWatchFile(file);
              // Rollup's watcher loses a file that is replaced, so it gets one that is written in place.
              if (framework === "rollup" && isWatching(this)) {
                mirror ??= mirrorRecord(flags.file);
                this.addWatchFile(mirror.file);
              }
              flags = loadBuildFlags(options);
            },
          }),
      // webpack refuses the scheme `bun:` by itself, and a hook there is called for every import; a
      // loader, too, costs it more than a look at the file. Vite has its own.
      ...(usesLoaders ? { transformInclude: (id: string) => needles.mayHold(id) } : {}),
      ...(usesLoaders ? {} : resolution(framework, () => flags, options)),
      webpack(compiler) {
        if (options.config !== "file") replaceRecordRequests(compiler, () => flags);
        keyCache(compiler.options.cache, flags);
        readAtCompilation(compiler, flags, () => {
          needles.forget();
          return (flags = loadBuildFlags(options));
        });
      },
      rollup: {
        closeWatcher() {
          mirror?.stop();
          mirror = undefined;
        },
        shouldTransformCachedModule({ meta }) {
          const built: unknown = meta[PLUGIN_NAME];
          return built !== undefined && built !== flagsDigest(flags);
        },
      },
      transform: {
        filter: { id: MODULE_ID, code: SOURCE_TEXT },
        handler(code, id) {
          if (isText(this.getNativeBuildContext?.())) return undefined;
          // First, so that a mistake that the record mends is mended.
          this.addWatchFile(flags.file);
          if (isTest) return { code: transformForTest(code, id, flags), map: null };
          const done = transformModule(code, id, flags, () => combinedMap(this));
          if (done === undefined) return undefined;
          for (const warning of done.warnings) this.warn(formatDiagnostic(warning));
          return {
            code: framework === "rollup" ? decideLoopBodies(done.code, id) : done.code,
            meta: { [PLUGIN_NAME]: flagsDigest(flags) },
            get map() {
              if (!needsMap && !done.moves) return null;
              return done.map(usesLoaders ? pathOf(id) : undefined);
            },
          };
        },
      },
      vite: {
        configResolved(settings) {
          isTest = runsTests(settings);
          needsMap = settings.command === "serve" || settings.build.sourcemap !== false;
        },
      },
    };
  },
);

/** Whether a module of webpack is a file, or its text, and no code. */
function isText(
  context: ReturnType<NonNullable<UnpluginBuildContext["getNativeBuildContext"]>> | undefined,
): boolean {
  if (context?.framework !== "webpack") return false;
  return context.loaderContext?._module?.type.startsWith("asset") === true;
}

/** `meta` is in the contexts of Rollup and its like, and not in unplugin's types. */
function isWatching(context: object): boolean {
  const { meta } = context as { readonly meta?: { readonly watchMode?: boolean } };
  return meta?.watchMode === true;
}

/** What Rollup, Rolldown and Vite ask a plugin about imports. */
function resolution(
  framework: string,
  flags: () => BuildFlags,
  options: ImmuconfigOptions,
): Pick<UnpluginOptions, "resolveId" | "load"> {
  return {
    resolveId: {
      filter: { id: RESOLVED },
      handler(id, importer) {
        if (RECORD_IMPORT.test(id)) {
          if (options.config === "file") return undefined;
          return `${RECORD_ID}${asksForCore(importer) ? "core:" : ""}${id}`;
        }
        // Vite has its own.
        if (framework === "vite") return undefined;
        throw unreplacedImport(importer);
      },
    },
    load: {
      filter: { id: /^\0immuconfig-record:/ },
      handler(id) {
        this.addWatchFile(flags().file);
        const specifier = id.slice(RECORD_ID.length);
        const name = specifier.replace(/^core:/, "");
        return { code: recordModule(name, flags(), name !== specifier), moduleSideEffects: false };
      },
    },
  };
}

/** Both imports that it has an answer for. */
const RESOLVED = new RegExp(`${BUNDLE_IMPORT.source}|${RECORD_IMPORT.source}`);

/** Other plugins leave what begins so alone. */
const RECORD_ID = "\0immuconfig-record:";

/** The plugin that Vite, Rollup, Rolldown and webpack share. */

import type { InputOptions as RolldownOptions } from "rolldown";
import type { InputOptions, MinimalPluginContext } from "rollup";
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
  fileHoldsNeedle,
  flagsDigest,
  loadBuildFlags,
  type PlacedOptions,
  PLUGIN_NAME,
  runsTests,
  unreplacedImport,
} from "./common.ts";
import { combinedMap } from "./compiled.ts";
import { transformForTest, transformModule } from "./module_transform.ts";
import { keyCache, readAtCompilation, replaceRecordRequests } from "./pack_compiler.ts";
import { type External, externalWithoutRecord } from "./record_external.ts";
import { decideLoopBodies } from "./rollup_bodies.ts";
import { includesMirror, mirrorRecord, missingPatterns } from "./watch_record.ts";

/** What the hooks of one plugin share. */
interface PluginState {
  readonly options: PlacedOptions;
  /** As the record is now: a build that watches reads it again. */
  flags: BuildFlags;
  /** Whether the bundler would show the replaced text as the source. */
  needsMap: boolean;
  isTest: boolean;
  /** Whether Vite serves modules and builds nothing. */
  isServer: boolean;
}

export const plugin: UnpluginInstance<PlacedOptions, false> = createUnplugin(
  (options: PlacedOptions, { framework }): UnpluginOptions => {
    const usesLoaders = framework === "webpack";
    // Nothing moves, so Rollup and Rolldown need no map; the loader asks for it only where the build
    // makes one.
    // Where a root is still to come, the record is read when the settings are there.
    let read = options.place === undefined ? loadBuildFlags(options) : undefined;
    const state: PluginState = {
      options,
      get flags() {
        return (read ??= loadBuildFlags(options));
      },
      set flags(flags) {
        read = flags;
      },
      needsMap: usesLoaders,
      isTest: false,
      isServer: false,
    };
    return {
      name: PLUGIN_NAME,
      enforce: "pre",
      ...(usesLoaders ? loaderHooks(state) : moduleHooks(state, framework)),
      transform: {
        filter: { id: MODULE_ID, code: SOURCE_TEXT },
        handler(code, id) {
          if (isText(this.getNativeBuildContext?.())) return undefined;
          const { flags, isTest } = state;
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
              if (!state.needsMap && !done.moves) return null;
              return done.map(usesLoaders ? pathOf(id) : undefined);
            },
          };
        },
      },
    };
  },
);

/**
 * webpack refuses the scheme `bun:` by itself, and a hook there is called for every import; a loader,
 * too, costs it more than a look at the file.
 */
function loaderHooks(state: PluginState): Pick<UnpluginOptions, "transformInclude" | "webpack"> {
  /** Which files hold a needle, for one build. */
  const known = new Map<string, boolean>();
  return {
    transformInclude(id) {
      if (!MODULE_ID.test(id)) return false;
      const path = pathOf(id);
      // What cannot be read here may hold one.
      const holds = known.get(path) ?? fileHoldsNeedle(path) ?? true;
      known.set(path, holds);
      return holds;
    },
    // It gives up a watch whose start fails: the record is read at each compilation.
    webpack(compiler) {
      if (state.options.config !== "file") replaceRecordRequests(compiler, () => state.flags);
      keyCache(compiler.options.cache, state.flags);
      readAtCompilation(compiler, state.flags, () => {
        known.clear();
        return (state.flags = loadBuildFlags(state.options));
      });
    },
  };
}

/** For Rollup, Rolldown and Vite. */
function moduleHooks(
  state: PluginState,
  framework: string,
): Pick<UnpluginOptions, "buildStart" | "rollup" | "rolldown" | "vite" | "resolveId" | "load"> {
  let first: string | undefined;
  let mirror: ReturnType<typeof mirrorRecord> | undefined;
  const ofRollup = {
    closeWatcher(): void {
      mirror?.stop();
      mirror = undefined;
    },
    shouldTransformCachedModule({ meta }: { readonly meta: Readonly<Record<string, unknown>> }) {
      const built = meta[PLUGIN_NAME];
      return built !== undefined && built !== flagsDigest(state.flags);
    },
  };
  const warnOnce = warnOfInclude();
  return {
    buildStart() {
      first ??= state.flags.file;
      // First, so that a record that is away starts the next build when it is back.
      for (const file of new Set([first, state.flags.file])) this.addWatchFile(file);
      // Rollup's watcher loses a file that is replaced, so it gets one that is written in place.
      if (!state.isServer && isWatchedByRollup(this, framework)) {
        mirror ??= mirrorRecord(state.flags.file);
        this.addWatchFile(mirror.file);
      }
      state.flags = loadBuildFlags(state.options);
    },
    rollup: {
      ...ofRollup,
      options(settings) {
        warnOnce.call(this, settings);
        return withRecord(settings, state);
      },
    },
    rolldown: {
      options: (settings) => withRecordWatched(withRecord(settings, state), state.flags.file),
    },
    vite: {
      // Before 8 it builds by Rollup.
      ...ofRollup,
      options: (settings) => withRecord(settings, state),
      configResolved(settings) {
        state.isTest = runsTests(settings);
        state.isServer = settings.command === "serve";
        state.needsMap = state.isServer || settings.build.sourcemap !== false;
        state.flags = loadBuildFlags(state.options);
      },
    },
    ...resolution(state, framework),
  };
}

/** Settings that do not leave out what the record takes the place of. */
function withRecord<Settings extends { external?: External | undefined }>(
  settings: Settings,
  { options }: PluginState,
): Settings {
  if (options.config === "file") return settings;
  const external = externalWithoutRecord(settings.external, RECORD_ID);
  return external === undefined ? settings : { ...settings, external };
}

/** Settings of Rolldown whose watch looks at the record, too, where `watch.include` leaves it out. */
function withRecordWatched(settings: RolldownOptions, file: string): RolldownOptions {
  const { watch } = settings;
  if (watch === undefined || watch === false) return settings;
  const missing = missingPatterns(watch.include, file);
  if (missing.length === 0) return settings;
  return { ...settings, watch: { ...watch, include: [watch.include ?? [], missing].flat() } };
}

/** Rollup has read `watch.include` before any plugin is asked. */
function warnOfInclude() {
  let hasWarned = false;
  return function options(this: MinimalPluginContext, { watch }: InputOptions): void {
    if (hasWarned || watch === false || includesMirror(watch?.include)) return;
    hasWarned = true;
    this.warn(
      "watch.include leaves the record out, so that no change of it starts a build: add /immuconfig-watch-/ to it",
    );
  };
}

/** Whether a module of webpack is a file, or its text, and no code. */
function isText(
  context: ReturnType<NonNullable<UnpluginBuildContext["getNativeBuildContext"]>> | undefined,
): boolean {
  if (context?.framework !== "webpack") return false;
  return context.loaderContext?._module?.type.startsWith("asset") === true;
}

/** `meta` is in the contexts of Rollup and its like, and not in unplugin's types. */
function isWatchedByRollup(context: object, framework: string): boolean {
  const { meta } = context as {
    readonly meta?: { readonly watchMode?: boolean; readonly rolldownVersion?: string };
  };
  if (framework !== "rollup" && framework !== "vite") return false;
  return meta?.watchMode === true && meta.rolldownVersion === undefined;
}

/** What they ask a plugin about imports. */
function resolution(
  state: PluginState,
  framework: string,
): Pick<UnpluginOptions, "resolveId" | "load"> {
  const resolveId = {
    // What is built around them may put a plugin in front that leaves packages out. Unplugin hands it on,
    // and has it not in its types.
    order: framework === "vite" ? null : "pre",
    filter: { id: RESOLVED },
    handler(id: string, importer: string | undefined) {
      if (RECORD_IMPORT.test(id)) {
        // A bundler of declarations wants the types.
        const isLeft = state.options.config === "file" || DECLARATION.test(importer ?? "");
        if (isLeft) return undefined;
        return `${RECORD_ID}${asksForCore(importer) ? "core:" : ""}${id}`;
      }
      // Vite has its own.
      if (framework === "vite") return undefined;
      throw unreplacedImport(importer);
    },
  };
  return {
    resolveId,
    load: {
      filter: { id: /^\0immuconfig-record:/ },
      handler(id) {
        this.addWatchFile(state.flags.file);
        const specifier = id.slice(RECORD_ID.length);
        const name = specifier.replace(/^core:/, "");
        return {
          code: recordModule(name, state.flags, name !== specifier),
          moduleSideEffects: false,
        };
      },
    },
  };
}

const DECLARATION = /\.d\.[cm]?ts$/;

/** Both imports that it has an answer for. */
const RESOLVED = new RegExp(`${BUNDLE_IMPORT.source}|${RECORD_IMPORT.source}`);

/** Other plugins leave what begins so alone. */
const RECORD_ID = "\0immuconfig-record:";

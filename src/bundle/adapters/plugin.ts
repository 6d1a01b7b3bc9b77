/** The plugin that Vite, Rollup, Rolldown and webpack share. */

import { type UnpluginInstance, type UnpluginOptions, createUnplugin } from "unplugin";
import { formatDiagnostic } from "../source/diagnostic.ts";
import type { BuildFlags } from "../flags/build_flags.ts";
import { asksForCore, RECORD_IMPORT, recordModule } from "../flags/record_module.ts";
import { BUNDLE_IMPORT, SOURCE_FILE, SOURCE_TEXT } from "../source/needles.ts";
import { transformSource } from "../source/transform.ts";
import {
  displayPath,
  type ImmuconfigOptions,
  loadBuildFlags,
  PLUGIN_NAME,
  NeedleCache,
  today,
  unreplacedImport,
} from "./common.ts";
import { replaceRecordRequests } from "./record_request.ts";
import { decideLoopBodies } from "./rollup_bodies.ts";

export const plugin: UnpluginInstance<ImmuconfigOptions, false> = createUnplugin(
  (options: ImmuconfigOptions, { framework }): UnpluginOptions => {
    const usesLoaders = framework === "webpack";
    // Nothing moves, so Rollup and Rolldown need no map. The others would show the replaced text
    // as the source; the loader asks for the map only where the build makes one.
    let needsMap = usesLoaders;
    let flags = loadBuildFlags(options);
    const needles = new NeedleCache();
    return {
      name: PLUGIN_NAME,
      enforce: "pre",
      buildStart() {
        flags = loadBuildFlags(options);
        needles.forget();
      },
      watchChange(id) {
        // Vite's development server starts once, and then only tells what changes.
        if (id === flags.file) flags = loadBuildFlags(options);
      },
      // webpack refuses the scheme `bun:` by itself, and a hook there is called for every import; a
      // loader, too, costs it more than a look at the file. Vite has its own.
      ...(usesLoaders ? { transformInclude: (id: string) => needles.mayHold(id) } : {}),
      ...(usesLoaders ? {} : resolution(framework, () => flags, options)),
      webpack(compiler) {
        if (options.config !== "file") replaceRecordRequests(compiler, () => flags);
      },
      transform: {
        filter: { id: SOURCE_FILE, code: SOURCE_TEXT },
        handler(code, id) {
          const done = transformSource(code, displayPath(id), flags, today());
          if (done === undefined) return undefined;
          this.addWatchFile(flags.file);
          for (const warning of done.warnings) this.warn(formatDiagnostic(warning));
          return {
            code: framework === "rollup" ? decideLoopBodies(done.code, id) : done.code,
            get map() {
              return needsMap || done.moves ? done.map() : null;
            },
          };
        },
      },
      vite: {
        configResolved({ command, build }) {
          needsMap = command === "serve" || build.sourcemap !== false;
        },
      },
    };
  },
);

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

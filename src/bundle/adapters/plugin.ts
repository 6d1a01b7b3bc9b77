/** The plugin that Vite, Rollup, Rolldown and webpack share. */

import { type UnpluginInstance, type UnpluginOptions, createUnplugin } from "unplugin";
import { formatDiagnostic } from "../source/diagnostic.ts";
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
      ...(framework === "rollup" || framework === "rolldown"
        ? { resolveId: { filter: { id: BUNDLE_IMPORT }, handler: refuseImport } }
        : {}),
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
              return needsMap ? done.map() : null;
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

function refuseImport(_id: string, importer: string | undefined): never {
  throw unreplacedImport(importer);
}

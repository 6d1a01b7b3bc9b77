/**
 * `immuconfig/esbuild`: a plugin of its own, because esbuild hands every file to JavaScript that a
 * plugin asks for, and here only a quick look at its bytes decides.
 */

import { existsSync } from "node:fs";
import { readSource } from "../../base/read_file.ts";
import { extname } from "node:path";
import type {
  BuildOptions,
  Loader,
  OnLoadResult,
  PartialMessage,
  Plugin,
  PluginBuild,
} from "esbuild";
import type { BuildFlags } from "../flags/build_flags.ts";
import { asksForCore, RECORD_IMPORT, recordModule } from "../flags/record_module.ts";
import { type Diagnostic, SourceError } from "../source/diagnostic.ts";
import { BUNDLE_IMPORT, holdsNeedle, SOURCE_PATH } from "../source/needles.ts";
import { lineOf } from "../source/position.ts";
import { type Transformed, transformSource } from "../source/transform.ts";
import {
  displayPath,
  isCode,
  loadBuildFlags,
  PLUGIN_NAME,
  today,
  unreplacedImport,
} from "./common.ts";
import type { ImmuconfigOptions } from "./options.ts";

export type { ImmuconfigOptions };

/**
 * Gives esbuild the project's record.
 *
 * @throws ImmuconfigError when the record cannot be read; `ERR_VALUE` for an unknown flag in
 * `features`
 * @example
 * import { immuconfig } from "immuconfig/esbuild";
 * await build({ entryPoints: ["app.ts"], bundle: true, plugins: [immuconfig()] });
 */
export function immuconfig(options: ImmuconfigOptions = {}): Plugin {
  return {
    name: PLUGIN_NAME,
    setup(build) {
      const { initialOptions } = build;
      const placed = { ...options, place: { root: initialOptions.absWorkingDir } };
      let flags = loadBuildFlags(placed);
      build.onStart(() => {
        flags = loadBuildFlags(placed);
      });
      build.onResolve({ filter: BUNDLE_IMPORT }, ({ path, importer, namespace }) =>
        namespace === VITE_SCAN
          ? { path, external: true }
          : failure(unreplacedImport(importer), textOf(importer)),
      );
      if (options.config !== "file") replaceRecord(build, () => flags);
      build.onLoad({ filter: SOURCE_PATH, namespace: "file" }, ({ path, with: attributes }) =>
        // Imported as something else, or taken for something else, it is no code.
        attributes["type"] === undefined && isCode(loaderOf(path, initialOptions))
          ? load(path, flags, initialOptions)
          : undefined,
      );
    },
  };
}

const NAMESPACE = "immuconfig-record";

/** Where Vite before 8 puts the scripts of components while it looks for packages, and builds nothing. */
const VITE_SCAN = "script";

function replaceRecord(build: PluginBuild, flags: () => BuildFlags): void {
  build.onResolve({ filter: RECORD_IMPORT }, ({ path, importer }) => {
    return { path, namespace: NAMESPACE, pluginData: asksForCore(importer) };
  });
  build.onLoad({ filter: /^/, namespace: NAMESPACE }, ({ path, pluginData }) => {
    const contents = recordModule(path, flags(), pluginData === true);
    return { contents, loader: "js", watchFiles: [flags().file] };
  });
}

function load(path: string, flags: BuildFlags, options: BuildOptions): OnLoadResult | undefined {
  const bytes = readSource(path);
  if (!holdsNeedle(bytes)) return undefined;
  const code = bytes.toString("utf8");
  const watchFiles = [path, flags.file];
  try {
    const done = transformSource(code, displayPath(path), flags, today());
    if (done === undefined) return undefined;
    return {
      contents: withMap(done, path, options),
      loader: loaderOf(path, options),
      warnings: done.warnings.map((warning) => message(warning, code)),
      watchFiles,
    };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { ...failure(error, code), watchFiles };
  }
}

/** esbuild would show the replaced text as the source, were it not told the source. */
function withMap(done: Transformed, path: string, { sourcemap }: BuildOptions): string {
  if (sourcemap === undefined || sourcemap === false) return done.code;
  const map = done.map();
  map.sources = [path];
  return `${done.code}\n//# sourceMappingURL=${map.toUrl()}`;
}

/** The loader that esbuild would take by itself. */
function loaderOf(path: string, { loader }: BuildOptions): Loader {
  const extension = extname(path);
  const chosen = loader?.[extension];
  if (chosen !== undefined) return chosen;
  if (/^\.[cm]?ts$/.test(extension)) return "ts";
  if (extension === ".tsx" || extension === ".jsx") return extension === ".tsx" ? "tsx" : "jsx";
  return "js";
}

/** Nothing of a module that is on no disk. */
function textOf(path: string): string {
  return existsSync(path) ? readSource(path).toString() : "";
}

function failure(error: SourceError, code = ""): { errors: PartialMessage[] } {
  return { errors: error.diagnostics.map((diagnostic) => message(diagnostic, code)) };
}

function message(diagnostic: Diagnostic, code: string): PartialMessage {
  const { rule, file, line, column, message: text, fix } = diagnostic;
  const lineText = lineOf(code, line);
  // esbuild counts columns from 0, in bytes.
  const before = Buffer.byteLength(lineText.slice(0, column - 1));
  return {
    id: rule,
    text: `${text} [${rule}]`,
    location: { file, line, column: before, lineText },
    notes: [{ text: fix }],
  };
}

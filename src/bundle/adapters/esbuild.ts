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
import { BUNDLE_IMPORT, BUNDLE_MODULE, holdsNeedle, SOURCE_PATH } from "../source/needles.ts";
import { linesOf, type Position } from "../source/position.ts";
import { type Transformed, transformSource } from "../source/transform.ts";
import {
  displayPath,
  isCode,
  loadBuildFlags,
  PLUGIN_NAME,
  today,
  unreplacedImport,
} from "./common.ts";
import { type EsbuildSource, isStdin, loadStdin } from "./esbuild_stdin.ts";
import type { ImmuconfigOptions } from "./options.ts";
import { strayEntries } from "./stray_entries.ts";

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
      const entries = entryPaths(initialOptions);
      build.onStart(() => {
        flags = loadBuildFlags(placed);
        return { warnings: strayEntries(placed, entries).map((text) => ({ text })) };
      });
      build.onResolve({ filter: BUNDLE_IMPORT }, ({ path, importer, namespace }) =>
        namespace === VITE_SCAN
          ? { path, external: true }
          : failure(importOfOther(importer, namespace, initialOptions), textOf(importer)),
      );
      if (options.config !== "file") replaceRecord(build, () => flags);
      loadStdin(build, (source) => transform(source, flags, initialOptions));
      build.onLoad({ filter: SOURCE_PATH, namespace: "file" }, ({ path, with: attributes }) => {
        // Imported as something else, or taken for something else, it is no code.
        const loader = loaderOf(path, initialOptions);
        if (attributes["type"] !== undefined || !isCode(loader)) return undefined;
        const bytes = readSource(path);
        if (!holdsNeedle(bytes)) return undefined;
        return transform({ path, code: bytes.toString("utf8"), loader }, flags, initialOptions);
      });
    },
  };
}

function entryPaths({ entryPoints = [] }: BuildOptions): string[] {
  if (!Array.isArray(entryPoints)) return Object.values(entryPoints);
  return entryPoints.map((entry) => (typeof entry === "string" ? entry : entry.in));
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

/** Nothing for a source that stays as it is: another plugin may load it. */
function transform(
  source: EsbuildSource,
  flags: BuildFlags,
  options: BuildOptions,
): OnLoadResult | undefined {
  const { path, code, loader } = source;
  const watchFiles = [path, flags.file];
  try {
    const language = loader === "ts" || loader === "tsx" ? loader : "jsx";
    const done = transformSource(code, displayPath(path), flags, today(), language);
    if (done === undefined) return undefined;
    return {
      contents: withMap(done, path, options),
      loader,
      warnings: messages(done.warnings, code),
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

/** esbuild gives a module to the first plugin that has an answer, and to none behind it. */
function importOfOther(importer: string, namespace: string, options: BuildOptions): SourceError {
  if (isStdin(importer, options)) {
    return unreplacedImport(importer, {
      message: `stdin beside other entries imports "${BUNDLE_MODULE}", and esbuild shows it to no plugin`,
      fix: "Build it alone, or make it a file.",
    });
  }
  const isOnDisk = namespace === "file" && SOURCE_PATH.test(importer) && existsSync(importer);
  if (isOnDisk && textOf(importer).includes(BUNDLE_MODULE)) {
    return unreplacedImport(importer, {
      message: `another plugin has loaded this file, and esbuild gives it to one: it imports "${BUNDLE_MODULE}"`,
      fix: "Put immuconfig() before that plugin, or decide the flag in a file of its own.",
    });
  }
  if (namespace === "file" || namespace === "") return unreplacedImport(importer);
  return unreplacedImport(importer, {
    message: `a module of another plugin, of its namespace "${namespace}", imports "${BUNDLE_MODULE}": esbuild gives it to that plugin alone`,
    fix: "Decide the flag in a .js or .ts file, and import there what it decided.",
  });
}

function failure(error: SourceError, code = ""): { errors: PartialMessage[] } {
  return { errors: messages(error.diagnostics, code) };
}

function messages(diagnostics: readonly Diagnostic[], code: string): PartialMessage[] {
  if (diagnostics.length === 0) return [];
  const lines = linesOf(code);
  const columnOf = byteColumns(lines);
  return diagnostics.map((diagnostic) => {
    const { rule, file, line, message, fix } = diagnostic;
    const lineText = lines[line - 1] ?? "";
    return {
      id: rule,
      text: `${message} [${rule}]`,
      location: {
        file,
        line,
        column: columnOf(diagnostic),
        lineText: lineText.length > LINE_TEXT_MAX ? "" : lineText,
      },
      notes: [{ text: fix }],
    };
  });
}

/** Characters of a line that esbuild gets with each fault of it, and shows a window of. */
const LINE_TEXT_MAX = 1_000;

/** esbuild counts columns from 0, in bytes. Faults come in the order of the text, so that a line is counted once. */
function byteColumns(lines: readonly string[]): (place: Position) => number {
  let last = { line: 0, column: 1, bytes: 0 };
  return ({ line, column }) => {
    const from = last.line === line && last.column <= column ? last : { column: 1, bytes: 0 };
    const between = (lines[line - 1] ?? "").slice(from.column - 1, column - 1);
    const bytes = from.bytes + Buffer.byteLength(between);
    last = { line, column, bytes };
    return bytes;
  };
}

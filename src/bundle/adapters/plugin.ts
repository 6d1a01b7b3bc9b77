/** The plugin that Vite, Rollup, Rolldown, webpack and Rspack share. */

import { relative, sep } from "node:path";
import { type UnpluginInstance, type UnpluginOptions, createUnplugin } from "unplugin";
import { SourceError, diagnose, formatDiagnostic } from "../diagnostic.ts";
import { type ImmuconfigOptions, loadBuildRecord } from "../record_features.ts";
import { BUNDLE_MODULE, SOURCE_FILE, SOURCE_TEXT } from "../source_file.ts";
import { transformSource } from "../transform.ts";

export const PLUGIN_NAME = "immuconfig";

/** A path as messages show it: below the working folder where it is, always with slashes. */
export function displayPath(file: string): string {
  const path = relative(process.cwd(), file.replace(/[?#].*$/, ""));
  return (path.startsWith("..") ? file : path).split(sep).join("/");
}

/** Today as `YYYY-MM-DD`, UTC. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** What no source may leave behind: an import of `bun:bundle` that was not replaced. */
export function unreplacedImport(importer: string | undefined): SourceError {
  const problem = {
    rule: "unknown-import",
    start: 0,
    message: `imports "${BUNDLE_MODULE}" in a way that cannot be replaced`,
    fix: `Write the name plainly, in a .js or .ts file: import { feature } from "${BUNDLE_MODULE}".`,
  } as const;
  return new SourceError([diagnose(problem, "", displayPath(importer ?? "the entry"))]);
}

export const plugin: UnpluginInstance<ImmuconfigOptions, false> = createUnplugin(
  (options: ImmuconfigOptions): UnpluginOptions => {
    let record = loadBuildRecord(options);
    return {
      name: PLUGIN_NAME,
      enforce: "pre",
      buildStart() {
        record = loadBuildRecord(options);
        this.addWatchFile(record.file);
      },
      resolveId: {
        filter: { id: new RegExp(`^${BUNDLE_MODULE}$`) },
        handler(_id, importer) {
          throw unreplacedImport(importer);
        },
      },
      transform: {
        filter: { id: SOURCE_FILE, code: SOURCE_TEXT },
        handler(code, id) {
          const done = transformSource(code, displayPath(id), record, today());
          if (done === undefined) return undefined;
          for (const warning of done.warnings) this.warn(formatDiagnostic(warning));
          return { code: done.code, map: null };
        },
      },
    };
  },
);

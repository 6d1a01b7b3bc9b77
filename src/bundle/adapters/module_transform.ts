/** One module of a bundler: a source, a component as it was written, or what its compiler made of it. */

import { readSource } from "../../base/read_file.ts";
import { SourceMap, type SourceMapPayload } from "node:module";
import type { BuildFlags } from "../flags/build_flags.ts";
import { type ComponentKind, componentKind } from "../source/component/script_parts.ts";
import { type Diagnostic, SourceError } from "../source/diagnostic.ts";
import { type Language, languageOf } from "../source/language.ts";
import { pathOf } from "../flags/module_path.ts";
import { SOURCE_TEXT } from "../source/needles.ts";
import { parseSource } from "../source/parse.ts";
import {
  replaceReads,
  type Transformed,
  transformComponent,
  transformSource,
} from "../source/transform.ts";
import { askFeaturesModule, displayPath, importPlace, mocksFlags, today } from "./common.ts";

/**
 * @param id a path, perhaps with a query
 * @param compiledFrom the map from a script to the component that it was
 * @throws SourceError `ERR_SOURCE`, at the places of the file
 */
export function transformModule(
  code: string,
  id: string,
  flags: BuildFlags,
  compiledFrom: () => SourceMapPayload | undefined = () => undefined,
): Transformed | undefined {
  if (!SOURCE_TEXT.test(code)) return undefined;
  const path = pathOf(id);
  const file = displayPath(id);
  const kind = componentKind(path);
  if (kind === undefined) return transformSource(code, file, flags, today(), languageOf(id));
  const language = scriptLanguage(code, kind, path === id ? undefined : id);
  if (language === undefined)
    return transformComponent(code, file, kind, { flags, today: today() });
  try {
    return transformSource(code, file, flags, today(), language);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw asWritten(path, kind, flags) ?? inComponent(error, path, compiledFrom());
  }
}

/** The same where a test runs it: mistakes are told, and the calls stay, for a module to answer. */
export function transformForTest(code: string, id: string, flags: BuildFlags): string {
  if (!mocksFlags(code)) transformModule(code, id, flags);
  const isComponent = componentKind(pathOf(id)) !== undefined;
  const read = isComponent ? code : replaceReads(code, displayPath(id), flags, languageOf(id));
  return askFeaturesModule(read);
}

/**
 * @param part the id of a part of a component, whose text webpack gives whole to the loaders in front
 * @returns nothing for a component as it was written
 */
function scriptLanguage(
  code: string,
  kind: ComponentKind,
  part: string | undefined,
): Language | undefined {
  if (kind !== "mdx" && /^\s*(?:<|---)/.test(code)) return undefined;
  if (part !== undefined && /[?&]lang[.=]/.test(part)) return languageOf(part);
  // What a compiler made of a component, or Vite takes out of it while it looks for packages.
  const language = (["jsx", "ts", "tsx"] as const).find(
    (candidate) => parseSource("compiled.js", code, false, candidate).errors.length === 0,
  );
  return language ?? (part === undefined ? undefined : languageOf(part));
}

/** The faults of the component itself, as far as they are to be seen there. */
function asWritten(path: string, kind: ComponentKind, flags: BuildFlags): SourceError | undefined {
  let code: string;
  try {
    code = readSource(path).toString();
  } catch {
    // What is not on the disk has no other text than its compiler's.
    return undefined;
  }
  try {
    transformComponent(code, displayPath(path), kind, { flags, today: today() });
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  return undefined;
}

/** The same faults where a person wrote them; a compiler that gives no map leaves the import's line. */
function inComponent(
  error: SourceError,
  path: string,
  map: SourceMapPayload | undefined,
): SourceError {
  const source = map === undefined || map.mappings === "" ? undefined : new SourceMap(map);
  const fallback = importPlace(path);
  return new SourceError(
    error.diagnostics.map((diagnostic): Diagnostic => {
      const entry = source?.findEntry(diagnostic.line - 1, diagnostic.column - 1);
      if (entry === undefined || !("originalLine" in entry)) return { ...diagnostic, ...fallback };
      return { ...diagnostic, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    }),
  );
}

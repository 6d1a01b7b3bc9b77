/** Replaces `feature()` and `Bun.config` in one source by literals. Pure. */

import { MagicString, type SourceMap } from "magic-string";
import { markupNames, openComponent, scanComponent } from "./component/component.ts";
import type { ComponentKind } from "./component/script_parts.ts";
import { type Language, languageOf } from "./language.ts";
import { builtConfig } from "../flags/record_module.ts";
import { type BuildFlags, isEnabled, isSettled } from "../flags/build_flags.ts";
import { type Diagnostic, warningsOf } from "./diagnostic.ts";
import { diagnoseScan } from "./flag_rules.ts";
import type { FastScan } from "./fast_scan/fast_scan.ts";
import { fitInPlace } from "./position.ts";
import { type SourceScan, scanSource } from "./scan.ts";
import { SOURCE_TEXT } from "./needles.ts";

export interface Transformed {
  /** Every line is where it was in the source, and every column but behind a whole object. */
  readonly code: string;
  /** Whether something stands in another column than in the source. */
  readonly moves: boolean;
  /**
   * For a bundler that would otherwise show the replaced text as the source, which is named as in
   * messages unless it must be named in another way.
   */
  readonly map: (source?: string) => SourceMap;
  readonly warnings: readonly Diagnostic[];
}

// The export keeps the file a module, strict and with its own scope, when the import was its only
// one. The second semicolon stays when webpack cuts the export out: without it, the line before
// could join the line behind.
const IN_PLACE_OF_IMPORT = "export {};;";
// A component is a module anyway, and some of its scripts may export nothing. MDX takes a line for
// prose that is neither an import nor an export.
const IN_PLACE_OF_IMPORT_IN_MDX = "export {};";

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Replaces each `feature("NAME")` and each value of `Bun.config` by its literal and takes the
 * import of `bun:bundle` out. The bundler then drops the dead branches.
 *
 * @param file for messages and the source map; its extension tells the language
 * @param today `YYYY-MM-DD`, UTC: flags that expired before are warned about
 * @param language where the name does not tell it
 * @returns nothing when there is nothing to replace
 * @throws SourceError `ERR_SOURCE` with every fault of the source, but that it does not parse only
 * where it had to be parsed: otherwise the result does not parse either
 * @example
 * transformSource('import { feature } from "bun:bundle"; if (feature("A")) f();', "a.ts", record, "2026-01-31")
 */
export function transformSource(
  code: string,
  file: string,
  flags: BuildFlags,
  today: string,
  language: Language = languageOf(file),
): Transformed | undefined {
  if (!SOURCE_TEXT.test(code)) return undefined;
  const { scan, diagnostics } = judge(code, file, flags, today, language);
  return replaced(code, file, diagnostics, planEdits(scan, flags, IN_PLACE_OF_IMPORT));
}

/**
 * The same for the scripts of a component as it was written. Where the markup names the function, the
 * import stays: what is left is for `transformSource`, when the component has become a script.
 *
 * @throws SourceError `ERR_SOURCE` with every fault of the scripts, at its place in the file
 */
export function transformComponent(
  code: string,
  file: string,
  kind: ComponentKind,
  record: { readonly flags: BuildFlags; readonly today: string },
): Transformed | undefined {
  if (!SOURCE_TEXT.test(code)) return undefined;
  const { flags, today } = record;
  const component = openComponent(code, kind);
  const scanned = scanComponent(component, file, (text) => SOURCE_TEXT.test(text));
  const diagnostics = scanned.flatMap(({ scan }) => diagnoseScan(scan, code, file, flags, today));
  const edits = scanned.flatMap(({ scan, isSeen }) => {
    const stays = kind !== "vue" && isSeen && markupNames(component.markup, scan.names);
    const text = kind === "mdx" ? IN_PLACE_OF_IMPORT_IN_MDX : ";";
    return planEdits(stays ? { ...scan, imports: [] } : scan, flags, text);
  });
  return replaced(
    code,
    file,
    diagnostics,
    edits.toSorted((a, b) => a.start - b.start),
  );
}

function replaced(
  code: string,
  file: string,
  diagnostics: readonly Diagnostic[],
  edits: readonly Edit[],
): Transformed | undefined {
  const warnings = warningsOf(diagnostics);
  if (edits.length === 0) return undefined;
  return {
    code: applyEdits(code, edits),
    moves: edits.some(isLonger),
    map: (source = file) => mapOf(code, source, edits.filter(isLonger)),
    warnings,
  };
}

/**
 * Judges one source as `transformSource` does, and replaces nothing.
 *
 * @returns the flag of each `feature()` call, and every fault and warning
 */
export function checkSource(
  code: string,
  file: string,
  flags: BuildFlags,
  today: string,
): { readonly calls: readonly string[]; readonly diagnostics: readonly Diagnostic[] } {
  const { scan, diagnostics } = judge(code, file, flags, today);
  return { calls: scan.calls.map(({ name }) => name), diagnostics };
}

interface Judged {
  readonly scan: SourceScan;
  readonly diagnostics: readonly Diagnostic[];
}

function judge(
  code: string,
  file: string,
  flags: BuildFlags,
  today: string,
  language: Language = languageOf(file),
): Judged {
  // Whether such a source parses is left to the bundler, which parses it anyway.
  const isSilent = ({ calls }: FastScan): boolean =>
    calls.every(({ name }) => isSettled(flags, name));
  const scan = scanSource(code, file, isSilent, language);
  return { scan, diagnostics: diagnoseScan(scan, code, file, flags, today) };
}

function isLonger({ start, end, text }: Edit): boolean {
  return text.length > end - start;
}

function mapOf(code: string, file: string, longer: readonly Edit[]): SourceMap {
  const text = new MagicString(code);
  for (const edit of longer) text.update(edit.start, edit.end, edit.text);
  return text.generateMap({ hires: "boundary", includeContent: true, source: file });
}

function applyEdits(code: string, edits: readonly Edit[]): string {
  let done = 0;
  let result = "";
  for (const { start, end, text } of edits) {
    result += code.slice(done, start) + fitInPlace(code.slice(start, end), text);
    done = end;
  }
  return result + code.slice(done);
}

function valueText(path: readonly string[], flags: BuildFlags): string | undefined {
  const [group, name] = path;
  if (group === "features" && name !== undefined) {
    return JSON.stringify(flags.byName.get(name)?.enabled);
  }
  const value = flags.constants.get(path.join("."));
  if (value !== undefined) return JSON.stringify(value);
  const whole = builtConfig(flags);
  const object = group === undefined ? whole : name === undefined ? whole[group] : undefined;
  return object === undefined ? undefined : `(${JSON.stringify(object)})`;
}

/** Only reads of `Bun.config`: for tests, in which a module answers the calls. */
export function replaceReads(
  code: string,
  file: string,
  flags: BuildFlags,
  language: Language = languageOf(file),
): string {
  if (!code.includes("Bun.config")) return code;
  const { scan } = judge(code, file, flags, "0000-00-00", language);
  return applyEdits(code, planEdits({ ...scan, imports: [], calls: [] }, flags, ""));
}

/** In the order of the text; they do not overlap. */
function planEdits(
  { calls, reads, imports }: SourceScan,
  flags: BuildFlags,
  inPlaceOfImport: string,
): Edit[] {
  const edits: Edit[] = [];
  for (const { start, end } of imports) edits.push({ start, end, text: inPlaceOfImport });
  for (const { name, start, end } of calls) {
    edits.push({ start, end, text: String(isEnabled(flags, name)) });
  }
  for (const { path, start, end } of reads) {
    const text = valueText(path, flags);
    if (text !== undefined) edits.push({ start, end, text });
  }
  return edits.toSorted((a, b) => a.start - b.start);
}

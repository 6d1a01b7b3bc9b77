/** Replaces `feature()` and `Bun.config` in one source by literals. Pure. */

import { MagicString, type SourceMap } from "magic-string";
import type { BuildRecord } from "./build_record.ts";
import { type Diagnostic, SourceError, diagnose } from "./diagnostic.ts";
import { flagError, flagWarning } from "./flag_rules.ts";
import { fitInPlace } from "./position.ts";
import { type SourceScan, scanSource } from "./scan.ts";
import { SOURCE_TEXT } from "./source_file.ts";

export interface Transformed {
  /** Every line and column is where it was in the source. */
  readonly code: string;
  /** For a bundler that would otherwise show the replaced text as the source. */
  readonly map: () => SourceMap;
  readonly warnings: readonly Diagnostic[];
}

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
 * @returns nothing when there is nothing to replace
 * @throws SourceError `ERR_SOURCE` with every fault of the source
 * @example
 * transformSource('import { feature } from "bun:bundle"; if (feature("A")) f();', "a.ts", record, "2026-01-31")
 */
export function transformSource(
  code: string,
  file: string,
  record: BuildRecord,
  today: string,
): Transformed | undefined {
  if (!SOURCE_TEXT.test(code)) return undefined;
  const scan = scanSource(code, file);
  const errors = [...scan.problems, ...flagErrors(scan, record)].toSorted(
    (a, b) => a.start - b.start,
  );
  if (errors.length > 0) {
    throw new SourceError(errors.map((problem) => diagnose(problem, code, file)));
  }
  const edits = planEdits(scan, record);
  if (edits.length === 0) return undefined;
  return {
    code: applyEdits(code, edits),
    map: () =>
      new MagicString(code).generateMap({ hires: "boundary", includeContent: true, source: file }),
    warnings: flagUses(scan).flatMap(({ name, start }) => {
      const warning = flagWarning(name, start, record, today);
      return warning === undefined ? [] : [diagnose(warning, code, file, "warning")];
    }),
  };
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

/** Every place of a source that names a flag: calls and reads. */
export function flagUses(scan: SourceScan): { name: string; start: number }[] {
  const calls = scan.calls.map(({ name, nameStart }) => ({ name, start: nameStart }));
  const reads = scan.reads.flatMap(({ path: [group, name], start }) =>
    group === "features" && name !== undefined ? [{ name, start }] : [],
  );
  return [...calls, ...reads];
}

/** The uses of flags that the record does not know, or knows as retired. */
export function flagErrors(scan: SourceScan, record: BuildRecord) {
  return flagUses(scan).flatMap(({ name, start }) => flagError(name, start, record) ?? []);
}

/** In the order of the text; they do not overlap. */
function planEdits(scan: SourceScan, record: BuildRecord): Edit[] {
  const calls = scan.calls.map(({ name, start, end }) => ({
    start,
    end,
    text: String(record.flags.get(name)?.enabled === true),
  }));
  const reads = scan.reads.flatMap(({ path, start, end }) => {
    const [group, name = ""] = path;
    const value =
      group === "features" ? record.flags.get(name)?.enabled : record.constants.get(path.join("."));
    return value === undefined ? [] : [{ start, end, text: JSON.stringify(value) }];
  });
  // An export keeps the file a module, strict and with its own scope, when it was its only import.
  const imports = scan.imports.map(({ start, end }) => ({ start, end, text: "export {};" }));
  return [...calls, ...reads, ...imports].toSorted((a, b) => a.start - b.start);
}

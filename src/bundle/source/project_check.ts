/** The checker over many files: what each source says, and what only all of them together show. */

import { escapePattern, quote } from "../../base/text.ts";
import { DEFAULT_FLAG } from "../../store/default_file.ts";
import { type BuildFlags, usableFlags } from "../flags/build_flags.ts";
import { count } from "../../base/units.ts";
import { type Diagnostic, formatWithFix } from "./diagnostic.ts";
import { allFlagUses, type Binding, diagnoseScan } from "./flag_rules.ts";
import { parseSource } from "./parse.ts";
import { positionsOf } from "./position.ts";
import { openComponent, scanComponent } from "./component/component.ts";
import { type ComponentKind, componentKind } from "./component/script_parts.ts";
import { scanSource, type SourceScan } from "./scan.ts";
import { BUNDLE_MODULE, DECLARATION_FILE, RECORD_MODULE, isConcerned } from "./needles.ts";

/**
 * In a source that may read `config.features`, which programs pass on under any name. To call a flag
 * unused by mistake would have its user retire it, so its name beside this word is enough.
 */
const FEATURES = "features";

export interface Source {
  /** As messages show it. */
  readonly file: string;
  readonly code: string;
}

/** A place at which a source asks for a flag. */
interface FlagPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  readonly binding: Binding;
}

export interface CheckReport {
  /** By file, then in the order of its text; what concerns the whole project stands last. */
  readonly diagnostics: readonly Diagnostic[];
  /** By flag, in the order of the record. */
  readonly uses: Readonly<Record<string, readonly FlagPlace[]>>;
  /** How many sources were read, and how many of them use a flag. */
  readonly files: { readonly read: number; readonly using: number };
}

/**
 * Checks sources against a record. Pure: the caller reads the files.
 *
 * @param flags whose file is named when the fault is nowhere else
 * @param today `YYYY-MM-DD`, UTC: flags that expired before are warned about
 * @param elsewhere texts of the rest of the project: a flag that is named there is not unused
 * @example
 * const report = checkSources([{ file: "app.ts", code }], record, "2026-01-31");
 * console.log(formatReport(report));
 */
export function checkSources(
  sources: Iterable<Source>,
  flags: BuildFlags,
  today: string,
  elsewhere: () => Iterable<string> = () => [],
): CheckReport {
  const diagnostics: Diagnostic[] = [];
  const uses = new Map<string, FlagPlace[]>(usableFlags(flags).map((name) => [name, []]));
  const readers: string[] = [];
  const files = { read: 0, using: 0 };
  for (const { code, file } of sources) {
    files.read++;
    const kind = componentKind(file);
    // What a markup asks for is a use as well, whatever its form.
    const isReader = kind !== undefined && isConcerned(code);
    if (isReader || (code.includes(FEATURES) && !DECLARATION_FILE.test(file))) readers.push(code);
    if (!isConcerned(code)) continue;
    const positions = positionsOf(code);
    const scans = scansOf(code, file, kind);
    for (const scan of scans) {
      const found = allFlagUses(scan);
      diagnostics.push(...diagnoseScan(scan, code, file, flags, today, found));
      for (const { name, start, binding } of found) {
        uses.get(name)?.push({ file, ...positions(start), binding });
      }
    }
    if (scans.some((scan) => allFlagUses(scan).length > 0)) files.using++;
  }
  diagnostics.push(...projectWide(uses, unnamed(uses, readers, elsewhere), flags));
  return { diagnostics, uses: Object.fromEntries(uses), files };
}

/** Of each module in a file: a component can hold several. */
function scansOf(code: string, file: string, kind: ComponentKind | undefined): SourceScan[] {
  if (kind === undefined) return [scanSource(code, file, () => parses(code, file))];
  return scanComponent(openComponent(code, kind), file, isConcerned).map(({ scan }) => scan);
}

/** Nobody else parses the sources; a parser is quick as long as nobody asks it for the tree. */
function parses(code: string, file: string): boolean {
  return !code.includes(RECORD_MODULE) && parseSource(file, code).errors.length === 0;
}

/** The flags that nothing uses, by name or in another way. */
function unnamed(
  uses: ReadonlyMap<string, readonly FlagPlace[]>,
  readers: readonly string[],
  elsewhere: () => Iterable<string>,
): ReadonlySet<string> {
  const names = new Set([...uses].flatMap(([name, { length }]) => (length === 0 ? [name] : [])));
  const dropNamed = (codes: Iterable<string>): void => {
    for (const code of codes) {
      for (const name of names) if (flagPattern(name).test(code)) names.delete(name);
    }
  };
  dropNamed(readers);
  if (names.size > 0) dropNamed(elsewhere());
  return names;
}

function projectWide(
  uses: ReadonlyMap<string, readonly FlagPlace[]>,
  unusedNames: ReadonlySet<string>,
  flags: BuildFlags,
): Diagnostic[] {
  return [...uses].flatMap(([name, places]): Diagnostic[] => {
    if (places.length === 0) {
      return !unusedNames.has(name) || isUntouched(name, flags) ? [] : [unused(name, flags)];
    }
    const live = places.find(({ binding }) => binding === "live");
    const build = places.find(({ binding }) => binding === "build");
    return live === undefined || build === undefined ? [] : [torn(name, live, build)];
  });
}

/** A new file has this flag; nobody has said anything about it yet. */
function isUntouched(name: string, { byName }: BuildFlags): boolean {
  const flag = byName.get(name);
  return name === DEFAULT_FLAG.name && flag?.bit === DEFAULT_FLAG.bit && !flag.enabled;
}

/** A flag's name alone: it may hold what is no part of a word. */
export function flagPattern(name: string): RegExp {
  return new RegExp(String.raw`(?<![\w$-])${escapePattern(name)}(?![\w$-])`);
}

function unused(name: string, flags: BuildFlags): Diagnostic {
  return {
    rule: "unused-flag",
    severity: "warning",
    file: flags.file,
    line: 1,
    column: 1,
    message: `none of the sources that were read uses ${quote(name)}`,
    fix: `If it is done with, retire it: bun-config feature retire ${name}`,
  };
}

function torn(name: string, live: FlagPlace, build: FlagPlace): Diagnostic {
  const { file, line, column } = live;
  return {
    rule: "live-and-build",
    severity: "warning",
    file,
    line,
    column,
    message: `${quote(name)} is read live here, and decided when building at ${build.file}:${build.line}:${build.column}`,
    fix: `Flipping it live does not reach the built branch: use feature() from "${BUNDLE_MODULE}" in both places, or live in both.`,
  };
}

/** Whether the report must fail a build. */
export function hasErrors({ diagnostics }: CheckReport): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

/**
 * One paragraph for each finding and a last line that counts them.
 *
 * @example
 * src/app.ts:3:5: error: feature used as a value: … [alias]
 *   Call it directly by its imported name, with one string: feature("NAME").
 * 1 error, 0 warnings in 12 files
 */
export function formatReport(report: CheckReport): string {
  const { diagnostics, files } = report;
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const lines = diagnostics.map((diagnostic) => {
    const { severity, message } = diagnostic;
    return `${formatWithFix({ ...diagnostic, message: `${severity}: ${message}` })}\n`;
  });
  const counts = [count(errors, "error"), count(diagnostics.length - errors, "warning")];
  return `${lines.join("")}${counts.join(", ")} in ${count(files.read, "file")}\n`;
}

/** What a program holds for one flag alone: the code that only the flag's dead branch brings in. */

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { BuildMetafile } from "bun";
import { type BuildFlags, isEnabled } from "../../flags/build_flags.ts";
import { blankSpans, deadImports, deadSpans } from "../../source/dead_code.ts";
import { type FlagSource, parseFlagSource } from "../../source/flag_source.ts";
import { isInside, type Span } from "../../source/position.ts";
import { SOURCE_FILE, SOURCE_TEXT } from "../../source/needles.ts";
import { collectTokens, type Token, TokenIndex } from "./tokens.ts";

export interface FlagCode {
  /** Strings and names that stand nowhere in what is left of the program. */
  readonly tokens: readonly Token[];
  /** Modules that nothing else reaches, as the bundler names them. */
  readonly modules: readonly string[];
}

/** One source under two records: as built, and with the flag turned round. */
interface Module {
  /** undefined for what is no script. */
  readonly source: FlagSource | undefined;
  /** Without dead branches, and the imports that only they use. */
  readonly liveText: string;
  /** Dead as built, and alive with the flag turned round. */
  readonly deadByFlag: readonly Span[];
  /** Import specifiers whose names only dead code uses. */
  readonly deadImports: readonly string[];
}

const OPAQUE: Module = { source: undefined, liveText: "", deadByFlag: [], deadImports: [] };

export interface Side {
  readonly metafile: BuildMetafile;
  readonly flags: BuildFlags;
}

/**
 * @param entrypoints of the program
 * @param built the build to prove, and `turned` the one with the flag turned round
 * @param extra text that the bundler adds by itself
 */
export function findFlagCode(
  entrypoints: readonly string[],
  built: Side,
  turned: Side,
  extra: string,
): FlagCode {
  const paths = new Set([built, turned].flatMap(({ metafile }) => Object.keys(metafile.inputs)));
  const modules = new Map(
    [...paths].map((path) => [path, readModule(path, built.flags, turned.flags)] as const),
  );
  const wanted = new Set(entrypoints.map((path) => resolve(path)));
  const entries = [...paths].filter((path) => wanted.has(resolve(path)));
  const live = reach(
    built.metafile,
    entries,
    (path, specifier) => modules.get(path)?.deadImports.includes(specifier) === true,
  );
  const brought = reach(turned.metafile, entries, () => false).difference(live);

  // A bundler writes the paths of the modules into its outputs, too.
  const liveTexts = [...live].flatMap((path) => [path, modules.get(path)?.liveText ?? ""]);
  const index = new TokenIndex([...liveTexts, extra].join("\n"));
  const tokens = new Map<string, Token>();
  for (const [path, { source, deadByFlag }] of modules) {
    if (source === undefined) continue;
    const isWanted = (node: Span): boolean => brought.has(path) || isInside(node, deadByFlag);
    for (const [key, token] of collectTokens(source.program, isWanted)) tokens.set(key, token);
  }
  return {
    tokens: [...tokens.values()].filter((token) => index.find(token) === -1),
    modules: [...brought].toSorted(),
  };
}

function readModule(path: string, built: BuildFlags, turned: BuildFlags): Module {
  const file = resolve(path);
  if (!SOURCE_FILE.test(file) || !existsSync(file)) return OPAQUE;
  const code = readFileSync(file, "utf8");
  const source = parseFlagSource(code, file);
  if (!SOURCE_TEXT.test(code)) return { ...OPAQUE, source, liveText: code };
  const dead = deadSpans(source, (name) => isEnabled(built, name));
  const deadTurned = deadSpans(source, (name) => isEnabled(turned, name));
  const unused = deadImports(source, dead);
  const stillUnused = new Set(deadImports(source, deadTurned));
  return {
    source,
    liveText: blankSpans(code, [...dead, ...unused]),
    deadByFlag: dead.filter((span) => !isInside(span, deadTurned)),
    deadImports: unused.filter((node) => !stillUnused.has(node)).map((node) => node.source.value),
  };
}

/** The modules that a program reaches from its entries. */
function reach(
  { inputs }: BuildMetafile,
  entries: readonly string[],
  isCut: (path: string, specifier: string) => boolean,
): Set<string> {
  const reached = new Set<string>();
  const queue = [...entries];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const input = inputs[path];
    if (input === undefined || reached.has(path)) continue;
    reached.add(path);
    for (const { path: target, entryPoint, original, kind } of input.imports) {
      if (kind === "import-statement" && isCut(path, original ?? target)) continue;
      queue.push(entryPoint ?? target);
    }
  }
  return reached;
}

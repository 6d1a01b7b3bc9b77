/** What a program holds for one flag alone: the code that only the flag's dead branch brings in. */

import { difference } from "../../../base/sets.ts";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { BuildMetafile } from "bun";
import { isMissing } from "../../../base/fs_errors.ts";
import { type BuildFlags, isEnabled } from "../../flags/build_flags.ts";
import { blankSpans, deadImports, deadSpans } from "../../source/dead_code.ts";
import { type FlagSource, parseFlagSource } from "../../source/flag_source.ts";
import { SOURCE_FILE, SOURCE_TEXT } from "../../source/needles.ts";
import { isInside, type Span } from "../../source/position.ts";
import { type ModuleLinks, moduleLinks, usedModules } from "../../source/module_graph.ts";
import { collectTokens, textTokens, type Token, TokenIndex } from "./tokens.ts";

export interface FlagCode {
  /** Strings and names that stand nowhere in what is left of the program. */
  readonly tokens: readonly Token[];
  /** Modules that nothing else uses, as the bundler names them. */
  readonly modules: readonly string[];
  /** Those of them that are no scripts, such as images: what a bundle may hold whole. */
  readonly files: readonly { readonly path: string; readonly bytes: Buffer }[];
  /** Inputs of the program that could not be looked at. */
  readonly unseen: readonly string[];
}

/** One input under two records: as built, and with the flag turned round. */
interface Module {
  /** undefined for what is no script. */
  readonly source?: FlagSource;
  /** undefined for what is not on the disk. */
  readonly bytes?: Buffer;
  /** Without dead code, and the imports that only it uses. */
  readonly liveText: string;
  /** Dead as built, and alive with the flag turned round. */
  readonly deadByFlag: readonly Span[];
  readonly built?: ModuleLinks;
  readonly turned?: ModuleLinks;
}

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
  const live = usedModules(built.metafile, entries, (path) => modules.get(path)?.built);
  const other = usedModules(turned.metafile, entries, (path) => modules.get(path)?.turned);
  const brought = difference(other, live);

  // A bundler writes the paths of the modules into its outputs, too.
  const liveTexts = [...live].flatMap((path) => [path, modules.get(path)?.liveText ?? ""]);
  const index = new TokenIndex([...liveTexts, extra].join("\n"));
  const tokens = new Map<string, Token>();
  const files: { readonly path: string; readonly bytes: Buffer }[] = [];
  for (const [path, { source, bytes, deadByFlag }] of modules) {
    const isWanted = (node: Span): boolean => brought.has(path) || isInside(node, deadByFlag);
    const found =
      source !== undefined
        ? collectTokens(source.program, isWanted)
        : brought.has(path) && bytes !== undefined
          ? textTokens(bytes)
          : [];
    for (const [key, token] of found) tokens.set(key, token);
    if (brought.has(path) && bytes !== undefined && !SOURCE_TEXT.test(bytes.toString("latin1"))) {
      files.push({ path, bytes });
    }
  }
  return {
    tokens: [...tokens.values()].filter((token) => index.find(token) === -1),
    modules: [...brought].toSorted(),
    files,
    unseen: [...modules].flatMap(([path, { bytes, source }]) => unseenInput(path, bytes, source)),
  };
}

/** Our own module holds the record, and nothing of a flag's branches. */
const OWN = /^immuconfig:/;

function unseenInput(path: string, bytes: Buffer | undefined, source?: FlagSource): string[] {
  if (OWN.test(path)) return [];
  if (bytes === undefined) return [`${path}: it is not on the disk`];
  const isBroken = source?.scan.problems.some(({ rule }) => rule === "syntax") === true;
  return isBroken ? [`${path}: it cannot be parsed`] : [];
}

function readModule(path: string, built: BuildFlags, turned: BuildFlags): Module {
  const bytes = readInput(path);
  if (bytes === undefined) return { liveText: "", deadByFlag: [] };
  const code = bytes.toString();
  const file = resolve(path);
  if (!SOURCE_FILE.test(file)) return { bytes, liveText: code, deadByFlag: [] };
  const source = parseFlagSource(code, file);
  const dead = deadSpans(source, (name) => isEnabled(built, name));
  const deadTurned = deadSpans(source, (name) => isEnabled(turned, name));
  return {
    source,
    bytes,
    liveText: blankSpans(code, [...dead, ...deadImports(source, dead)]),
    deadByFlag: dead.filter((span) => !isInside(span, deadTurned)),
    built: moduleLinks(source, dead),
    turned: moduleLinks(source, deadTurned),
  };
}

/** @returns nothing for what is not there: a bundler's inputs can be virtual */
function readInput(path: string): Buffer | undefined {
  try {
    return readFileSync(resolve(path));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** What a program holds for one flag alone: the code that only the flag's dead branch brings in. */

import { difference } from "../../../base/sets.ts";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { BuildMetafile } from "bun";
import { isMissing } from "../../../base/fs_errors.ts";
import { type BuildFlags, isEnabled } from "../../flags/build_flags.ts";
import { blankSpans, deadImports, deadSpans } from "../../source/dead_code.ts";
import { type ComponentKind, componentKind } from "../../source/component/script_parts.ts";
import {
  type FlagSource,
  parseComponentSources,
  parseFlagSource,
} from "../../source/flag_source.ts";
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
  /** None for what is no script; a component can hold several. */
  readonly sources: readonly FlagSource[];
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
  for (const [path, { sources, bytes, deadByFlag }] of modules) {
    const isWanted = (node: Span): boolean => brought.has(path) || isInside(node, deadByFlag);
    const isText = sources.length === 0 || componentKind(path) !== undefined;
    const found = [
      ...sources.flatMap(({ program }) => [...collectTokens(program, isWanted)]),
      ...(isText && brought.has(path) && bytes !== undefined ? textTokens(bytes) : []),
    ];
    for (const [key, token] of found) tokens.set(key, token);
    if (brought.has(path) && bytes !== undefined && !SOURCE_TEXT.test(bytes.toString("latin1"))) {
      files.push({ path, bytes });
    }
  }
  return {
    tokens: [...tokens.values()].filter((token) => index.find(token) === -1),
    modules: [...brought].toSorted(),
    files,
    unseen: [...modules].flatMap(([path, module]) => unseenInput(path, module)),
  };
}

/** Our own module holds the record, and nothing of a flag's branches. */
const OWN = /^immuconfig:/;

function unseenInput(path: string, { bytes, sources }: Module): string[] {
  if (OWN.test(path)) return [];
  if (bytes === undefined) return [`${path}: it is not on the disk`];
  const isBroken = sources.some(({ scan }) => scan.problems.some(({ rule }) => rule === "syntax"));
  if (isBroken) return [`${path}: it cannot be parsed`];
  // Bun takes a component for a file, and does not look for what it imports.
  return componentKind(path) !== undefined && sources.some(importsMore)
    ? [`${path}: what it imports`]
    : [];
}

function importsMore({ program }: FlagSource): boolean {
  return program.body.some(
    (node) => node.type === "ImportDeclaration" && /^[./#@~]/.test(node.source.value),
  );
}

function readModule(path: string, built: BuildFlags, turned: BuildFlags): Module {
  const bytes = readInput(path);
  if (bytes === undefined) return { sources: [], liveText: "", deadByFlag: [] };
  const code = bytes.toString();
  const file = resolve(path);
  const kind = componentKind(file);
  if (kind !== undefined) return readComponent(bytes, file, kind, { built, turned });
  if (!SOURCE_FILE.test(file)) return { sources: [], bytes, liveText: code, deadByFlag: [] };
  const source = parseFlagSource(code, file);
  const dead = deadSpans(source, (name) => isEnabled(built, name));
  const deadTurned = deadSpans(source, (name) => isEnabled(turned, name));
  return {
    sources: [source],
    bytes,
    liveText: blankSpans(code, [...dead, ...deadImports(source, dead)]),
    deadByFlag: dead.filter((span) => !isInside(span, deadTurned)),
    built: moduleLinks(source, dead),
    turned: moduleLinks(source, deadTurned),
  };
}

/** Its names are its markup's as well, so that no import is dead for sure. */
function readComponent(
  bytes: Buffer,
  file: string,
  kind: ComponentKind,
  { built, turned }: { readonly built: BuildFlags; readonly turned: BuildFlags },
): Module {
  const code = bytes.toString();
  const sources = parseComponentSources(code, file, kind);
  const deadIn = (flags: BuildFlags): Span[] =>
    sources
      .flatMap((source) => deadSpans(source, (name) => isEnabled(flags, name)))
      .toSorted((a, b) => a.start - b.start);
  const dead = deadIn(built);
  const deadTurned = deadIn(turned);
  return {
    sources,
    bytes,
    liveText: blankSpans(code, dead),
    deadByFlag: dead.filter((span) => !isInside(span, deadTurned)),
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

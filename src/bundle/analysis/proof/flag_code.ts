/** What a program holds for one flag alone: the code that only the flag's dead branch brings in. */

import { difference } from "../../../base/sets.ts";
import { resolve } from "node:path";
import type { BuildMetafile } from "bun";
import { readSourceIfThere } from "../../../base/read_file.ts";
import { type BuildFlags, isEnabled } from "../../flags/build_flags.ts";
import { deadImports, deadSpans } from "../../source/dead_code.ts";
import { componentKind } from "../../source/component/script_parts.ts";
import {
  type FlagSource,
  parseComponentSources,
  parseFlagSource,
} from "../../source/flag_source.ts";
import { SOURCE_FILE, SOURCE_TEXT } from "../../source/needles.ts";
import { blankSpans, isInside, type Span } from "../../source/position.ts";
import { liveProgram, readScript, type ScriptModule } from "../../source/live_program.ts";
import {
  collectTokens,
  keptComments,
  textTokens,
  type Token,
  TokenIndex,
} from "./strings_and_names.ts";

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

interface Module {
  /** None for what is no script; a component can hold several. */
  readonly sources: readonly FlagSource[];
  /** undefined for what is not on the disk. */
  readonly bytes?: Buffer;
  /** undefined for a component, whose names are its markup's as well. */
  readonly script?: ScriptModule;
}

/** One input under two records: as built, and with the flag turned round. */
interface Compared {
  /** Without dead code, and the imports that only it uses. */
  readonly liveText: string;
  /** Dead as built, and alive with the flag turned round. */
  readonly deadByFlag: readonly Span[];
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
  const modules = new Map([...paths].map((path) => [path, readModule(path)] as const));
  const scripts = new Map(
    [...modules].flatMap(([path, { script }]) => (script === undefined ? [] : [[path, script]])),
  );
  const live = liveProgram(built.metafile, entrypoints, scripts, stateOf(built.flags));
  const other = liveProgram(turned.metafile, entrypoints, scripts, stateOf(turned.flags));
  const brought = difference(other.used, live.used);
  const compared = new Map(
    [...modules].map(([path, module]) => {
      const dead = live.dead.get(path) ?? deadInComponent(module, stateOf(built.flags));
      const turnedDead = other.dead.get(path) ?? deadInComponent(module, stateOf(turned.flags));
      return [path, compare(module, dead, turnedDead)] as const;
    }),
  );

  // A bundler writes the paths of the modules into its outputs, too.
  const liveTexts = [...live.used].flatMap((path) => [path, compared.get(path)?.liveText ?? ""]);
  const index = new TokenIndex([...liveTexts, extra].join("\n"));
  const tokens = new Map<string, Token>();
  const files: { readonly path: string; readonly bytes: Buffer }[] = [];
  for (const [path, { sources, bytes }] of modules) {
    const { deadByFlag = [] } = compared.get(path) ?? {};
    const isWanted = (node: Span): boolean => brought.has(path) || isInside(node, deadByFlag);
    const isText = sources.length === 0 || componentKind(path) !== undefined;
    const found = [
      ...sources.flatMap(({ program }) => [...collectTokens(program, isWanted)]),
      ...sources.flatMap(({ code }) => [
        ...keptComments(brought.has(path) ? [code] : textsOf(code, deadByFlag)),
      ]),
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

function stateOf(flags: BuildFlags): (name: string) => boolean {
  return (name) => isEnabled(flags, name);
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

function readModule(path: string): Module {
  const bytes = readSourceIfThere(resolve(path));
  if (bytes === undefined) return { sources: [] };
  const code = bytes.toString();
  const file = resolve(path);
  const kind = componentKind(file);
  if (kind !== undefined) return { sources: parseComponentSources(code, file, kind), bytes };
  if (!SOURCE_FILE.test(file)) return { sources: [], bytes };
  const script = readScript(parseFlagSource(code, file));
  return { sources: [script.source], bytes, script };
}

function deadInComponent({ sources }: Module, state: (name: string) => boolean): Span[] {
  return sources
    .flatMap((source) => deadSpans(source, state))
    .toSorted((a, b) => a.start - b.start);
}

function compare(
  { bytes, script }: Module,
  dead: readonly Span[],
  deadTurned: readonly Span[],
): Compared {
  const code = bytes?.toString() ?? "";
  // The names of a component are its markup's as well, so that no import is dead for sure.
  const imports = script === undefined ? [] : deadImports(script.source, dead);
  return {
    liveText: blankSpans(code, [...dead, ...imports]),
    deadByFlag: dead.filter((span) => !isInside(span, deadTurned)),
  };
}

function textsOf(code: string, spans: readonly Span[]): string[] {
  return spans.map(({ start, end }) => code.slice(start, end));
}

/**
 * What a program uses under a record: modules by the exports that are asked for, and in each module what
 * is dead, with the declarations that only dead code uses.
 */

import { resolve } from "node:path";
import type { BuildMetafile } from "bun";
import type { Truth } from "./condition.ts";
import { deadSpans } from "./dead_code.ts";
import { ALL, type Declarations, deadDeclarations, readDeclarations } from "./declarations.ts";
import type { FlagSource } from "./flag_source.ts";
import { moduleLinks, type ModuleLinks, usedModules } from "./module_graph.ts";
import { outermost, type Span } from "./position.ts";

/** A module that is a script. */
export interface ScriptModule {
  readonly source: FlagSource;
  readonly declarations: Declarations;
}

export function readScript(source: FlagSource): ScriptModule {
  return { source, declarations: readDeclarations(source.program) };
}

export interface LiveProgram {
  readonly used: ReadonlySet<string>;
  /** Of each script, outermost parts in the order of the text. */
  readonly dead: ReadonlyMap<string, readonly Span[]>;
}

/** Each round finds what the last one left without a use; what is not found is taken to be used. */
const ROUNDS_MAX = 8;

/**
 * @param entrypoints as the build was given them
 * @param state of each flag; of one that is not known, both branches live
 */
export function liveProgram(
  metafile: BuildMetafile,
  entrypoints: readonly string[],
  scripts: ReadonlyMap<string, ScriptModule>,
  state: (name: string) => Truth,
): LiveProgram {
  const wanted = new Set(entrypoints.map((path) => resolve(path)));
  const entries = Object.keys(metafile.inputs).filter((path) => wanted.has(resolve(path)));
  const branches = new Map(
    [...scripts].map(([path, { source }]) => [path, deadSpans(source, state)]),
  );
  let dead: Map<string, readonly Span[]> = new Map(branches);
  let used = new Map<string, ReadonlySet<string>>();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const names = used;
    const next = new Map(
      [...scripts].map(([path, { declarations }]) => {
        const own = branches.get(path) ?? [];
        const exports = round === 0 ? new Set([ALL]) : (names.get(path) ?? new Set<string>());
        return [
          path,
          outermost([...own, ...deadDeclarations(declarations, own, exports)]),
        ] as const;
      }),
    );
    const isSettled = round > 0 && sizeOf(next) === sizeOf(dead);
    dead = next;
    if (isSettled) break;
    const links = new Map<string, ModuleLinks>();
    for (const [path, { source }] of scripts)
      links.set(path, moduleLinks(source, dead.get(path) ?? []));
    used = usedModules(metafile, entries, (path) => links.get(path));
  }
  return { used: new Set(used.keys()), dead };
}

function sizeOf(dead: ReadonlyMap<string, readonly Span[]>): number {
  return [...dead.values()].reduce((sum, { length }) => sum + length, 0);
}

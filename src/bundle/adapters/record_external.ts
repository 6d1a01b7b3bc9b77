/** `immuconfig` among what a build leaves out: Rollup and its like ask no plugin about that. */

import { RECORD_IMPORT } from "../flags/record_module.ts";
import { RECORD_MODULE } from "../source/needles.ts";

type Pattern = string | RegExp;
type IsExternal = (
  id: string,
  importer: string | undefined,
  isResolved: boolean,
) => boolean | null | undefined | void;

/** The setting `external`, in every form of it. */
export type External = Pattern | readonly Pattern[] | IsExternal;

/**
 * @param ownId what the ids of the modules begin with that stand for the record
 * @returns the setting without what a build replaces; undefined where it names nothing of that
 */
export function externalWithoutRecord(
  external: External | undefined,
  ownId: string,
): Pattern[] | IsExternal | undefined {
  const isRecord = (id: string) => RECORD_IMPORT.test(id) || id.startsWith(ownId);
  if (external === undefined) return undefined;
  if (typeof external === "function")
    return (id, ...more) => !isRecord(id) && external(id, ...more);
  const patterns = [external].flat();
  const others = patterns.filter((pattern) => typeof pattern !== "string" || !isRecord(pattern));
  const replaced = [RECORD_MODULE, `${RECORD_MODULE}/register`, ownId];
  const isPlain = !others.some((pattern) => replaced.some((id) => matches(pattern, id)));
  if (!isPlain) return (id) => !isRecord(id) && others.some((pattern) => matches(pattern, id));
  return others.length === patterns.length ? undefined : others;
}

function matches(pattern: Pattern, id: string): boolean {
  return typeof pattern === "string" ? pattern === id : id.search(pattern) !== -1;
}

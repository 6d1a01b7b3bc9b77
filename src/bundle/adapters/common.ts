/** What the adapters have in common beside the transform. */

import { readFileSync } from "node:fs";
import { shownPath } from "../../base/paths.ts";
import { dayOf } from "../../base/units.ts";
import { type Problem, SourceError, diagnose } from "../source/diagnostic.ts";
import { BUNDLE_MODULE, holdsMark, SOURCE_FILE } from "../source/source_text.ts";

export const PLUGIN_NAME = "immuconfig";

/** Remembers, for one build, which files hold a mark. */
export class SourceMarks {
  readonly #known = new Map<string, boolean>();

  forget(): void {
    this.#known.clear();
  }

  /** @param id a path, perhaps with a query; a file that cannot be read counts as holding one */
  mayHold(id: string): boolean {
    if (!SOURCE_FILE.test(id)) return false;
    const path = withoutQuery(id);
    let known = this.#known.get(path);
    if (known === undefined) {
      known = readMark(path);
      this.#known.set(path, known);
    }
    return known;
  }
}

/** A module's path as messages show it. */
export function displayPath(id: string): string {
  return shownPath(process.cwd(), withoutQuery(id));
}

const MS_A_DAY = 86_400_000;
let day = { number: -1, text: "" };

/** Today as `YYYY-MM-DD`, UTC. Written once a day: it is asked for at every source. */
export function today(): string {
  const now = Date.now();
  const number = Math.floor(now / MS_A_DAY);
  if (number !== day.number) day = { number, text: dayOf(new Date(now)) };
  return day.text;
}

/** For a source that imports `bun:bundle` behind the transform's back. */
export function unreplacedImport(importer: string | undefined): SourceError {
  const problem: Problem = {
    rule: "unknown-import",
    start: 0,
    message: `imports "${BUNDLE_MODULE}" in a way that cannot be replaced`,
    fix: `Write the name plainly, in a .js or .ts file: import { feature } from "${BUNDLE_MODULE}".`,
  };
  return new SourceError([diagnose(problem, "", displayPath(importer ?? "entry"))]);
}

function readMark(path: string): boolean {
  try {
    return holdsMark(readFileSync(path));
  } catch {
    // A virtual module: only the loader sees its text.
    return true;
  }
}

function withoutQuery(id: string): string {
  return id.replace(/[?#].*$/, "");
}

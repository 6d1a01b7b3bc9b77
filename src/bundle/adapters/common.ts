/** What the adapters have in common beside the transform. */

import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { type Problem, SourceError, diagnose } from "../source/diagnostic.ts";
import { BUNDLE_MODULE, SOURCE_FILE } from "../source/source_text.ts";

export const PLUGIN_NAME = "immuconfig";

const MARKS = [Buffer.from(BUNDLE_MODULE), Buffer.from("Bun.config")];

/** Whether bytes hold a text without which there is nothing to replace. */
export function holdsMark(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return MARKS.some((mark) => buffer.includes(mark));
}

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

/** A path as messages show it: below the working folder where it is, always with slashes. */
export function displayPath(id: string): string {
  const file = withoutQuery(id);
  const path = relative(process.cwd(), file);
  return (path.startsWith("..") ? file : path).split(sep).join("/");
}

/** Today as `YYYY-MM-DD`, UTC. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
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

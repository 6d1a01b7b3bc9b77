/** Where a project's own files name the package, and stop working when it is gone. */

import { basename, dirname, relative } from "node:path";
import { MODULE_ID } from "../../../../bundle/source/needles.ts";
import { filesBeside } from "../../../files/files_beside.ts";
import { peekAtText } from "../../../files/text_file.ts";
import { parseManifest } from "./manifest.ts";

const IMPORT = /["'](?:@immuconfig\/|immuconfig["'/])/;
const COMMAND = /\b(?:bun-config|immuconfig)\b/;

/**
 * @param path of the record's file
 * @param after the texts of files that are about to be changed, by path; undefined for one that goes
 * @returns paths from the record's folder: settings, scripts and sources
 */
export function findMentions(
  path: string,
  after: ReadonlyMap<string, string | undefined>,
): string[] {
  return [...filesBeside(path)]
    .filter((file) => names(file, after.has(file) ? after.get(file) : peekAtText(file)))
    .map((file) => relative(dirname(path), file));
}

function names(file: string, text = ""): boolean {
  const name = basename(file);
  if (name === "package.json") {
    const { scripts = {} } = parseManifest(text) ?? {};
    return Object.values(scripts).some((script) => COMMAND.test(String(script)));
  }
  const isConcerned = name === "bunfig.toml" || (MODULE_ID.test(file) && !file.endsWith(".d.ts"));
  return isConcerned && IMPORT.test(text);
}

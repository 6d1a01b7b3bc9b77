/** Our lines in .gitattributes. Pure. */

import { DRIVER } from "../../git/driver/settings.ts";
import { twinPath } from "../../../../store/twin.ts";
import { appendLines, dropLines, type Edit } from "./edit.ts";

interface Line {
  /** Of the file that the line is about, in any folder. */
  readonly name: string;
  readonly attributes: readonly string[];
}

/**
 * @param hasTwin the file has a text twin, whose merges follow the file's
 */
function linesFor(name: string, hasTwin: boolean): Line[] {
  const file = { name, attributes: ["-text", `diff=${DRIVER}`, `merge=${DRIVER}`] };
  const twin = { name: twinPath(name), attributes: ["-text", `merge=${DRIVER}`] };
  return hasTwin ? [file, twin] : [file];
}

function textOf({ name, attributes }: Line): string {
  return [pattern(name), ...attributes].join(" ");
}

/** The name as .gitattributes has it: no sign of it is a wildcard, and blanks are in quotes. */
function pattern(name: string): string {
  const plain = name.replace(/[*?[\\]|^[#!]/g, String.raw`\$&`);
  return /[\s"]/.test(plain) ? `"${plain.replace(/["\\]/g, String.raw`\$&`)}"` : plain;
}

function isLine(text: string, { name, attributes }: Line): boolean {
  const start = pattern(name);
  const found = text.trim();
  if (!found.startsWith(start)) return false;
  return found.slice(start.length).split(/\s+/).join(" ") === ` ${attributes.join(" ")}`;
}

/** Adds the lines that make git show and merge the file by meaning. */
export function addAttributes(text: string | undefined, name: string, hasTwin: boolean): Edit {
  const present = (text ?? "").split(/\r?\n/);
  const missing = linesFor(name, hasTwin).filter(
    (line) => !present.some((found) => isLine(found, line)),
  );
  return { text: missing.length === 0 ? text : appendLines(text, missing.map(textOf)), notes: [] };
}

/** Takes them away. */
export function removeAttributes(text: string | undefined, name: string): Edit {
  if (text === undefined) return { text, notes: [] };
  for (const hasTwin of [true, false]) {
    const last = dropLines(text, linesFor(name, hasTwin).map(textOf));
    if (last !== undefined) return { text: last.text, notes: [] };
  }
  const ours = linesFor(name, true);
  const kept = text.split(/(?<=\n)/).filter((found) => !ours.some((line) => isLine(found, line)));
  return { text: kept.join(""), notes: [] };
}

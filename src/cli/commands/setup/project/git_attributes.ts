/** Our line in .gitattributes. Pure. */

import { DRIVER } from "../../git/driver.ts";
import { appendLines, dropLines, type Edit } from "./edit.ts";

/** @param name of the file that the line is about, in any folder */
function attributesLine(name: string): string {
  return `${name} -text diff=${DRIVER} merge=${DRIVER}`;
}

function hasAttributes(text: string, name: string): boolean {
  const wanted = attributesLine(name);
  return text.split(/\r?\n/).some((line) => line.trim().replace(/\s+/g, " ") === wanted);
}

/** Adds the line that makes git show and merge the file by meaning. */
export function addAttributes(text: string, name: string): Edit {
  const edited = hasAttributes(text, name) ? text : appendLines(text, [attributesLine(name)]);
  return { text: edited, notes: [] };
}

/** Takes the line away. */
export function removeAttributes(text: string, name: string): Edit {
  const line = attributesLine(name);
  const last = dropLines(text, [line]);
  if (last !== undefined) return { text: last, notes: [] };
  const lines = text.split(/(?<=\n)/);
  return { text: lines.filter((candidate) => candidate.trim() !== line).join(""), notes: [] };
}

/**
 * `get FIELD` by the native library alone, for scripts that ask for one value after another: the entry
 * prints it before it loads the rest of the command line. Without this file, `get` does the same.
 */

import { runningBun } from "../../../base/bun_version.ts";
import { fastRead } from "../../../runtime/fast_read.ts";
import { GLOBAL_OPTIONS, lastValue, sortWords } from "../../args/words.ts";
import { isStartedClean } from "../../clean_start.ts";
import { fieldText, readField } from "./record_fields.ts";

/**
 * @param words of the command line, after the program's name
 * @returns what to print; undefined for other lines, for what is to be refused, and where the library
 * cannot say
 */
export function fastGet(words: readonly string[]): string | undefined {
  if (words[0] !== "get" || !isStartedClean()) return undefined;
  const { operands, given, fault } = sortWords(words.slice(1), GLOBAL_OPTIONS);
  const field = operands[0];
  const isPlain = operands.length === 1 && fault === undefined && given["help"] === undefined;
  if (field === undefined || !isPlain) return undefined;
  const { env } = process;
  const file = lastValue(given, "file");
  const view = fastRead({ env, isOwn: 1, cwd: process.cwd(), file, version: runningBun() });
  const value = view && readField(field, view.config, view.frozen);
  if (value === undefined) return undefined;
  return given["json"] === true ? JSON.stringify(value) : fieldText(value);
}

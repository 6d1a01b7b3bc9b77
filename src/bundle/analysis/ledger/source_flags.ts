/** Which flags a source asks for, and which of them inside branches of others. */

import { readFileSync } from "node:fs";
import { isMissing } from "../../../base/fs_errors.ts";
import type { BuildFlags } from "../../flags/build_flags.ts";
import { parseFlagSource } from "../../source/flag_source.ts";
import { findSettledUses } from "../../source/fast_scan/plain_source.ts";
import { SOURCE_FILE, SOURCE_TEXT } from "../../source/source_text.ts";
import { type FlagPair, flagsOf, nestedFlags } from "./nesting.ts";

interface SourceFlags {
  readonly flags: ReadonlySet<string>;
  readonly nested: readonly FlagPair[];
}

/**
 * @param path of a bundle's input, from the working folder
 * @returns nothing for a file that is no script, is not there, or asks for no flag
 */
export function readSourceFlags(path: string, record: BuildFlags): SourceFlags | undefined {
  if (!SOURCE_FILE.test(path)) return undefined;
  let code: string;
  try {
    code = readFileSync(path, "utf8");
  } catch (error) {
    // A bundler's inputs can be virtual.
    if (isMissing(error)) return undefined;
    throw error;
  }
  if (!SOURCE_TEXT.test(code)) return undefined;
  const plain = findSettledUses(code, path, record);
  const flags = new Set(plain?.calls.map(({ name }) => name));
  // One flag cannot stand inside another.
  if (plain !== undefined && flags.size < 2) return { flags, nested: [] };
  const source = parseFlagSource(code, path);
  return { flags: flagsOf(source), nested: nestedFlags(source) };
}

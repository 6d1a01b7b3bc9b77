/** The checker as part of a build: over the files that the bundler read, and no others. */

import { isMissing } from "../../base/fs_errors.ts";
import { absolutePath, shownPath } from "../../base/paths.ts";
import type { BuildFlags } from "../flags/build_flags.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { findSettledUses } from "./fast_scan/plain_source.ts";
import { readShared } from "./read_shared.ts";
import type { SourceCheck } from "./source_check.ts";
import { holdsMark, SOURCE_FILE } from "./source_text.ts";

export interface InputCheck {
  /** The working folder, to which paths are relative. */
  readonly root: string;
  readonly record: BuildFlags;
  /** `YYYY-MM-DD`, UTC. */
  readonly today: string;
}

/**
 * @param paths of the bundle's inputs; other than scripts are passed over, and so is what is not
 * there: inputs can be virtual
 * @returns what was found in all of them, in the order of their paths
 */
export async function checkInputs(
  paths: readonly string[],
  check: InputCheck,
): Promise<SourceCheck> {
  const calls: string[] = [];
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const path of paths.toSorted()) {
    const code = SOURCE_FILE.test(path) ? readMarked(path) : undefined;
    if (code === undefined) continue;
    const found = await checkText(path, code, check);
    calls.push(...found.calls);
    errors.push(...found.errors);
    warnings.push(...found.warnings);
  }
  return { calls, errors, warnings };
}

/** @returns nothing for a file without a mark, and for one that is not there */
function readMarked(path: string): string | undefined {
  try {
    const bytes = readShared(path);
    return holdsMark(bytes) ? bytes.toString() : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function checkText(path: string, code: string, check: InputCheck): Promise<SourceCheck> {
  const { root, record, today } = check;
  // The bundler has parsed it already.
  const plain = findSettledUses(code, path, record);
  if (plain !== undefined) {
    return { calls: plain.calls.map(({ name }) => name), errors: [], warnings: [] };
  }
  const { checkSource } = await import("./source_check.ts");
  return checkSource(code, shownPath(root, absolutePath(root, path)), record, today);
}

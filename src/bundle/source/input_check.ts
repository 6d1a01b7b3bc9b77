/** The checker as part of a build: over the files that the bundler read, and no others. */

import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { systemCode } from "../../errors.ts";
import type { BuildRecord } from "../build_record.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { plainCalls } from "./plain_source.ts";
import { SOURCE_FILE } from "./source_text.ts";

export interface InputCheck {
  /** `feature()` calls in all files, one entry a call. */
  readonly calls: readonly string[];
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

const MARKS = [Buffer.from("bun:bundle"), Buffer.from("Bun.config")] as const;

/**
 * @param paths of the bundle's inputs, absolute; other than scripts are passed over
 * @param root folder to which the paths in messages are relative
 * @param today `YYYY-MM-DD`, UTC
 */
export async function checkInputs(
  paths: Iterable<string>,
  root: string,
  record: BuildRecord,
  today: string,
): Promise<InputCheck> {
  const calls: string[] = [];
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const path of paths) {
    const code = readMarked(path);
    if (code === undefined) continue;
    const plain = plainCalls(code, path, record);
    if (plain !== undefined) {
      calls.push(...plain);
      continue;
    }
    const { checkSource } = await import("./source_check.ts");
    const found = checkSource(code, displayPath(path, root), record, today);
    calls.push(...found.calls);
    errors.push(...found.errors);
    warnings.push(...found.warnings);
  }
  return { calls, errors, warnings };
}

/** A path as messages show it: relative to the folder where it lies below it. */
function displayPath(path: string, root: string): string {
  const below = relative(root, path);
  return (below.startsWith("..") ? path : below).split(sep).join("/");
}

/** The text of a script that names `bun:bundle` or `Bun.config`. */
function readMarked(path: string): string | undefined {
  if (!SOURCE_FILE.test(path)) return undefined;
  try {
    const bytes = readFileSync(path);
    return MARKS.some((mark) => bytes.includes(mark)) ? bytes.toString() : undefined;
  } catch (error) {
    // A bundler's inputs can be virtual.
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

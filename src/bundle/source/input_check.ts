/** The checker as part of a build: over the files that the bundler read, and no others. */

import { systemCode } from "../../errors.ts";
import { relativePath, withSlashes } from "../../paths.ts";
import type { BuildRecord } from "../build_record.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { plainCalls } from "./plain_source.ts";
import type { SourceCheck } from "./source_check.ts";
import { SOURCE_FILE } from "./source_text.ts";

const MARKS = ["bun:bundle", "Bun.config"] as const;

/**
 * Checks files, all at once. A file can be given before it is known to be an input: reading an
 * entry point and understanding it then takes no time of its own, because the bundler runs
 * meanwhile.
 */
export class InputChecker {
  private readonly root: string;
  private readonly record: BuildRecord;
  private readonly today: string;
  private readonly ahead = new Map<string, Promise<SourceCheck | undefined>>();

  /**
   * @param root folder to which the paths in messages are relative
   * @param today `YYYY-MM-DD`, UTC
   */
  constructor(root: string, record: BuildRecord, today: string) {
    this.root = root;
    this.record = record;
    this.today = today;
  }

  /** Starts with a file that may turn out to be no input: its faults count only then. */
  readAhead(path: string): void {
    const check = this.start(path);
    check.catch(() => undefined);
    this.ahead.set(path, check);
  }

  /**
   * @param paths of the bundle's inputs, absolute; other than scripts are passed over
   * @returns what was found in all of them, in their order
   */
  async check(paths: readonly string[]): Promise<SourceCheck> {
    const calls: string[] = [];
    const errors: Diagnostic[] = [];
    const warnings: Diagnostic[] = [];
    for (const found of await Promise.all(paths.map((path) => this.find(path)))) {
      if (found === undefined) continue;
      calls.push(...found.calls);
      errors.push(...found.errors);
      warnings.push(...found.warnings);
    }
    return { calls, errors, warnings };
  }

  /** A file that was not there ahead of the build may be there by now. */
  private find(path: string): Promise<SourceCheck | undefined> {
    const ahead = this.ahead.get(path);
    return ahead === undefined
      ? this.start(path)
      : ahead.then((found) => found ?? this.start(path));
  }

  private start(path: string): Promise<SourceCheck | undefined> {
    if (!SOURCE_FILE.test(path)) return NOTHING;
    return Bun.file(path)
      .bytes()
      .then((bytes) => this.judge(path, bytes), passMissing);
  }

  /** @returns nothing for a file that names neither `bun:bundle` nor `Bun.config` */
  private judge(path: string, bytes: Uint8Array): SourceCheck | undefined | Promise<SourceCheck> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!buffer.includes(MARKS[0]) && !buffer.includes(MARKS[1])) return undefined;
    const code = buffer.toString();
    const calls = plainCalls(code, this.record);
    if (calls !== undefined) return { calls, errors: [], warnings: [] };
    return this.parse(path, code);
  }

  private async parse(path: string, code: string): Promise<SourceCheck> {
    const { checkSource } = await import("./source_check.ts");
    return checkSource(code, displayPath(path, this.root), this.record, this.today);
  }
}

const NOTHING = Promise.resolve(undefined);

/** A bundler's inputs can be virtual. */
function passMissing(error: unknown): undefined {
  if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
  throw error;
}

/** A path as messages show it: relative to the folder where it lies below it, with slashes. */
function displayPath(path: string, root: string): string {
  const below = relativePath(root, path);
  return withSlashes(below.startsWith("..") ? path : below);
}

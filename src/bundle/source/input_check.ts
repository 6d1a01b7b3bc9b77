/** The checker as part of a build: over the files that the bundler read, and no others. */

import { systemCode } from "../../errors.ts";
import { absolutePath, relativePath, withSlashes } from "../../paths.ts";
import type { BuildRecord } from "../record/build_record.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { plainCalls } from "./plain_source.ts";
import { readShared } from "./read_shared.ts";
import type { SourceCheck } from "./source_check.ts";
import { SOURCE_FILE } from "./source_text.ts";

const MARKS = ["bun:bundle", "Bun.config"] as const;

/**
 * Up to so many files, reading with `Bun.file`, which needs no module, is quicker than loading
 * node:fs. More are read one after the other: that takes less of the processor's time.
 */
const FILES_WITHOUT_FS_MAX = 32;

/** Nothing for a file that is not there. */
type Found = SourceCheck | undefined;

const NOTHING_TO_CHECK: SourceCheck = { calls: [], errors: [], warnings: [] };

export class InputChecker {
  private readonly root: string;
  private readonly record: BuildRecord;
  private readonly today: string;
  private readonly ahead = new Map<string, Promise<Found>>();

  /**
   * @param root the working folder, to which paths are relative
   * @param today `YYYY-MM-DD`, UTC
   */
  constructor(root: string, record: BuildRecord, today: string) {
    this.root = root;
    this.record = record;
    this.today = today;
  }

  /**
   * Starts with a file that will most likely turn out to be an input: reading an entry point and
   * understanding it takes no time of its own while the bundler runs. Its faults count only if it
   * is an input.
   */
  readAhead(path: string): void {
    const check = this.start(path);
    check.catch(() => undefined);
    this.ahead.set(relativePath(this.root, absolutePath(this.root, path)), check);
  }

  /**
   * @param paths of the bundle's inputs; other than scripts are passed over
   * @returns what was found in all of them, in their order
   */
  async check(paths: readonly string[]): Promise<SourceCheck> {
    const isMany = paths.length > FILES_WITHOUT_FS_MAX;
    const checks = paths.map((path) => this.find(path, isMany));
    const calls: string[] = [];
    const errors: Diagnostic[] = [];
    const warnings: Diagnostic[] = [];
    for (const found of await Promise.all(checks)) {
      if (found === undefined) continue;
      calls.push(...found.calls);
      errors.push(...found.errors);
      warnings.push(...found.warnings);
    }
    return { calls, errors, warnings };
  }

  private find(path: string, isMany: boolean): Promise<Found> {
    const ahead = this.ahead.get(path);
    // A file that was not there ahead of the build may be there by now.
    if (ahead !== undefined) return ahead.then((found) => found ?? this.start(path));
    if (!isMany) return this.start(path);
    if (!SOURCE_FILE.test(path)) return Promise.resolve(NOTHING_TO_CHECK);
    try {
      return Promise.resolve(this.judge(path, readShared(path)));
    } catch (error) {
      return Promise.resolve(passMissing(error));
    }
  }

  private start(path: string): Promise<Found> {
    if (!SOURCE_FILE.test(path)) return Promise.resolve(NOTHING_TO_CHECK);
    return Bun.file(path)
      .bytes()
      .then((bytes) => this.judge(path, bytes), passMissing);
  }

  private judge(path: string, bytes: Uint8Array): SourceCheck | Promise<SourceCheck> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!buffer.includes(MARKS[0]) && !buffer.includes(MARKS[1])) return NOTHING_TO_CHECK;
    const code = buffer.toString();
    const calls = plainCalls(code, path, this.record);
    if (calls !== undefined) return { calls, errors: [], warnings: [] };
    return this.parse(path, code);
  }

  private async parse(path: string, code: string): Promise<SourceCheck> {
    const { checkSource } = await import("./source_check.ts");
    return checkSource(code, displayPath(path, this.root), this.record, this.today);
  }
}

/** A bundler's inputs can be virtual. */
function passMissing(error: unknown): undefined {
  if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
  throw error;
}

/** A path as messages show it: relative to the folder where it lies below it, with slashes. */
function displayPath(path: string, root: string): string {
  const whole = absolutePath(root, path);
  const below = relativePath(root, whole);
  return withSlashes(below.startsWith("..") ? whole : below);
}

/** Record files, fixture folders and failures for the tests of the build. */

import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type * as esbuild from "esbuild";
import type { BuildFlag, BuildFlags } from "../../src/bundle/flags/build_flags.ts";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { retireFlag, switchFlags } from "../../src/format/edit/switch_flags.ts";
import { encodeFile } from "../../src/format/file.ts";
import { defaultFile } from "../../src/store/default_file.ts";

export function makeFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bundle-")));
}

export interface FlagState {
  readonly enabled?: boolean;
  readonly retired?: boolean;
  readonly expires?: string;
}

/** Writes a record with these flags and the registry of the golden values. */
export function writeRecord(path: string, flags: Readonly<Record<string, FlagState>>): string {
  let file = defaultFile({ registry: "https://registry.example.test" });
  for (const [name, { enabled = false, retired = false, expires }] of Object.entries(flags)) {
    file = defineFlag(name, expires === undefined ? {} : { expires })(file);
    file = switchFlags([name], enabled)(file);
    if (retired) file = retireFlag(name)(file);
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, encodeFile(file));
  return path;
}

/** What a build knows of a record with these flags, on the bits in their order. */
export function flagsOf(
  flags: Readonly<Record<string, FlagState>>,
  constants: Readonly<Record<string, number | string>> = {},
): BuildFlags {
  const byName = new Map<string, BuildFlag>();
  for (const [name, { enabled = false, retired = false, expires }] of Object.entries(flags)) {
    const flag = { name, bit: byName.size, enabled, retired };
    byName.set(name, expires === undefined ? flag : { ...flag, expires });
  }
  return {
    file: "bunfig.lockb",
    record: "014074c8c80400000001185099",
    generation: 1,
    frozen: false,
    byName,
    constants: new Map(Object.entries(constants)),
    overridden: [],
  };
}

/** The record that every fixture is built with. */
export function writeFixtureRecord(folder: string): string {
  return writeRecord(join(folder, "bunfig.lockb"), {
    ON: { enabled: true },
    OFF: {},
    OLD: { retired: true },
  });
}

/** Writes texts below a folder, and returns the path of the first. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return join(folder, Object.keys(files)[0] ?? "");
}

/** What a build that fails says, with all its faults. */
export async function failure(build: () => Promise<unknown>): Promise<string> {
  try {
    await build();
    return "it was built";
  } catch (error) {
    const parts: unknown[] = [error];
    if (error instanceof Error && "errors" in error && Array.isArray(error.errors)) {
      parts.push(...error.errors.map(withPlace));
    }
    return parts.map(String).join("\n");
  }
}

/** esbuild tells the place apart from the text; its columns are bytes, from 0. */
function withPlace(fault: Error | esbuild.Message): string {
  if (!("text" in fault)) return fault.message;
  if (fault.location === null) return fault.text;
  const { file, line, column, lineText } = fault.location;
  const before = Buffer.from(lineText).subarray(0, column).toString();
  return `${resolve(file)}:${line}:${before.length + 1}: ${fault.text}`;
}

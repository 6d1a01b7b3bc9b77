/** Every fixture has the same verdict, and every valid one the same output, in every bundler. */

import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type * as esbuild from "esbuild";
import { BUNDLERS } from "./bundlers.ts";
import { MODULES } from "./fixtures/modules.ts";
import { REFUSED } from "./fixtures/refused.ts";
import { VALID } from "./fixtures/valid.ts";
import { makeFolder, writeFiles, writeFixtureRecord } from "./support.ts";

const folder = makeFolder();
const options = { file: writeFixtureRecord(folder) };
const accepted = [...VALID, ...MODULES];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(cases: readonly { name: string; files: Readonly<Record<string, string>> }[]) {
  return Object.fromEntries(
    cases.map(({ name, files }) => [name, writeFiles(join(folder, "cases", name), files)]),
  );
}

const root = join(folder, "cases");
const validEntries = write(accepted);
const refusedEntries = write(REFUSED);

test("the set is large enough, and its names are unique", () => {
  const names = [...accepted, ...REFUSED].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(60);
});

describe.each(BUNDLERS)("$name", ({ name: bundler, build, tellsAll }) => {
  test("builds the valid cases, which print the same and hold nothing dead", async () => {
    const outdir = join(folder, `out-${bundler}`);
    await build({ entries: validEntries, root, outdir, options });
    const printed: Record<string, readonly string[]> = {};
    for (const { name } of accepted) printed[name] = await runProgram(join(outdir, `${name}.mjs`));
    expect(printed).toEqual(Object.fromEntries(accepted.map(({ name, prints }) => [name, prints])));
    expect(filesWith("DEAD", outdir)).toEqual([]);
    expect(filesWith("bun:bundle", outdir)).toEqual(["text-in-string.mjs"]);
  }, 30_000);

  test("refuses each of the others, at the same place", async () => {
    const outdir = join(folder, `out-refused-${bundler}`);
    const tell = (entries: Record<string, string>) =>
      failure(() => build({ entries, root, outdir, options }));
    const all = tellsAll === true ? await tell(refusedEntries) : undefined;
    const wrong: Record<string, string> = {};
    for (const { name, rule, line, column, files } of REFUSED) {
      const message = all ?? (await tell({ [name]: refusedEntries[name] ?? "" }));
      const faulty = join(root, name, Object.keys(files).at(-1) ?? "");
      const told = message.split("\n").some((text) => {
        return text.includes(`${faulty}:${line}:${column}: `) && text.includes(`[${rule}]`);
      });
      if (!told) wrong[name] = message;
    }
    expect(wrong).toEqual({});
  }, 60_000);
});

async function runProgram(path: string): Promise<string[]> {
  const printed: string[] = [];
  Object.assign(globalThis, { out: (text: string) => void printed.push(text) });
  await import(path);
  return printed;
}

async function failure(build: () => Promise<void>): Promise<string> {
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

function filesWith(text: string, outdir: string): string[] {
  return readdirSync(outdir).filter((file) =>
    readFileSync(join(outdir, file), "utf8").includes(text),
  );
}

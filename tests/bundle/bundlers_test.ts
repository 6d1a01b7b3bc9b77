/** Every fixture has the same verdict, and every valid one the same output, in every bundler. */

import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BUNDLERS } from "./bundlers.ts";
import { MODULES } from "./fixtures/modules.ts";
import { REFUSED } from "./fixtures/refused.ts";
import { VALID } from "./fixtures/valid.ts";
import { failure, makeFolder, writeFiles, writeFixtureRecord } from "./support.ts";

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

function filesWith(text: string, outdir: string): string[] {
  return readdirSync(outdir).filter((file) =>
    readFileSync(join(outdir, file), "utf8").includes(text),
  );
}

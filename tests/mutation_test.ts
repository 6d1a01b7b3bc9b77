/** The mutation run: which functions it takes away, and that it tells a red run from a green one. */

import { expect, test } from "bun:test";
import { mutantsOf } from "../scripts/mutation/mutants.ts";
import { orderTests } from "../scripts/mutation/test_order.ts";
import { REPOSITORY } from "./support/repository.ts";
import { BUN, run } from "./support/run.ts";

test("every form of an exported function loses its body, and nothing else changes", () => {
  const text = [
    "export function a(): number { return 1; }",
    "export const b = (x: number) => x + 1, c = async () => { await b(1); };",
    "export class D { constructor() { a(); } e() { return 2; } static f() { return 3; } }",
    "function inner() { return 4; }",
    "export const g = 5;",
  ].join("\n");
  const mutants = mutantsOf("m.ts", text);
  const without = (body: string, left: string): string =>
    `// @ts-nocheck\n${text.replace(body, left)}`;
  expect(mutants.map(({ id, text: changed }) => [id, changed])).toEqual([
    ["m.ts#a", without("{ return 1; }", "{}")],
    ["m.ts#b", without("x + 1", "(undefined)")],
    ["m.ts#c", without("{ await b(1); }", "{}")],
    ["m.ts#D.e", without("{ return 2; }", "{}")],
    ["m.ts#D.f", without("{ return 3; }", "{}")],
  ]);
});

test("a function without its body is noticed, by the tests of its room", async () => {
  const command = [BUN, "scripts/mutation.ts", "src/store/find.ts#requireFile"];
  const { exitCode, stdout } = await run(command, {
    cwd: REPOSITORY,
    env: process.env,
    timeoutMs: 100_000,
  });
  expect({ exitCode, stdout }).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^red +src\/store\/find.ts#requireFile +tests\/store\//),
  });
}, 105_000);

test("tests are asked in the order in which they are likely and quick to notice", () => {
  const ms = new Map([
    ["tests/a/slow_test.ts", 9_000],
    ["tests/a/quick_test.ts", 10],
  ]);
  const order = orderTests("src/a/one.ts", {
    near: ["tests/a/slow_test.ts", "tests/b/near_test.ts", "tests/a/quick_test.ts"],
    room: ["tests/a/far_test.ts", "tests/a/one_test.ts", ...ms.keys()],
    whole: ["tests/cli/all_test.ts", "tests/b/near_test.ts"],
    ms: (file) => ms.get(file),
  });
  expect(order).toEqual([
    "tests/a/one_test.ts",
    "tests/a/quick_test.ts",
    "tests/a/slow_test.ts",
    "tests/b/near_test.ts",
    "tests/a/far_test.ts",
    "tests/cli/all_test.ts",
  ]);
});

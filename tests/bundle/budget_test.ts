/** A source that asks for too much of a stack is an error with a place, and no end of the process. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { findExcess } from "../../src/bundle/source/budget.ts";
import { parseFlagSource } from "../../src/bundle/source/flag_source.ts";
import { REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";

setDefaultTimeout(60_000);

const HEAD = 'import { feature } from "bun:bundle";\nif (feature("A")) f();\n';

const NESTED: Readonly<Record<string, (count: number) => string>> = {
  arrays: (n) => `x = ${"[".repeat(n)}${"]".repeat(n)};`,
  functions: (n) => "function f(){".repeat(n) + "}".repeat(n),
  templates: (n) => `x = ${"`${".repeat(n)}1${"}`".repeat(n)};`,
  "unary operators": (n) => `x = ${"!".repeat(n)}1;`,
  choices: (n) => `x = ${"a?b:".repeat(n)}c;`,
  "else if": (n) => `${"if(a)b();else ".repeat(n)}c();`,
  "else if with blocks": (n) => `${"if(a){b()}else ".repeat(n)}c();`,
  arrows: (n) => `x = ${"a=>".repeat(n)}1;`,
  members: (n) => `x = a${".b".repeat(n)};`,
  calls: (n) => `x = a${"()".repeat(n)};`,
  labels: (n) => `${Array.from({ length: n }, (_, i) => `l${i}:`).join("")}f();`,
  loops: (n) => `${"while(a)".repeat(n)}b();`,
  "type arguments": (n) => `type T = ${"Array<".repeat(n)}1${">".repeat(n)};`,
};

/** In a process of its own, which the parser would end. */
async function scanned(code: string): Promise<[stdout: string, exitCode: number]> {
  const script = `import { scanSource } from ${JSON.stringify(join(REPOSITORY, "src/bundle/source/scan.ts"))};
    const [problem] = scanSource(await Bun.stdin.text(), "a.ts", () => false).problems;
    console.log(problem?.rule, problem?.start > 0);`;
  const child = Bun.spawn([BUN, "-e", script], { stdin: new Blob([code]), stdout: "pipe" });
  return [await child.stdout.text(), await child.exited];
}

test.each(["@", "@ ", "@@a.", "@(a)@"])("no row of %j ends the process", async (piece) => {
  expect(await scanned(HEAD + piece.repeat(60_000))).toEqual(["syntax true\n", 0]);
});

describe.each(Object.entries(NESTED))("%s", (_name, body) => {
  test("many of them are an error with a place", async () => {
    expect(await scanned(HEAD + body(20_000))).toEqual(["syntax true\n", 0]);
  });

  test("as many as people write are none", () => {
    expect(parseFlagSource(HEAD + body(100), "a.ts").scan.problems).toEqual([]);
  });
});

test("what only looks like nesting is within bounds", () => {
  const many = 20_000;
  for (const code of [
    `x = "${"(".repeat(many)}";`,
    `x = /${String.raw`\(`.repeat(many)}/;`,
    `// ${"{".repeat(many)}\nx = 1;`,
    `x = \`${"[(!".repeat(many)}\`;`,
    "if (a) b(); else c();\n".repeat(many),
    "x = a ? b : c;\n".repeat(many),
    `switch (a) { ${"case 1: b();\n".repeat(many)} }`,
    `x = [${"a < b, ".repeat(many)}];`,
  ]) {
    expect({ code: code.slice(0, 40), excess: findExcess(code) }).toEqual({
      code: code.slice(0, 40),
      excess: undefined,
    });
  }
});

test("the whole repository is within bounds", async () => {
  const { stdout } = await run(["git", "ls-files", "*.ts", "*.js", "*.mjs"], { cwd: REPOSITORY });
  for (const path of stdout.trim().split("\n")) {
    const file = Bun.file(join(REPOSITORY, path));
    if (!(await file.exists())) continue;
    expect({ path, excess: findExcess(await file.text()) }).toEqual({ path, excess: undefined });
  }
});

test("a large source is read in a time that grows with its size alone", () => {
  // Each call once looked ahead over all that follows: this would take minutes.
  const calls = 'feature("A") && '.repeat(1000);
  const code = `${HEAD}const x = ${calls}/*${"x".repeat(4_000_000)}*/a ? 1 : 2;\n`;
  expect(parseFlagSource(code, "a.ts").scan.calls).toHaveLength(1001);
});

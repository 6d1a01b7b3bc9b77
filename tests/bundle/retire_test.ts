import { describe, expect, test } from "bun:test";
import { retireInSource } from "../../src/bundle/retire/retire.ts";
import { beyondRetire, retireInComponent } from "../../src/bundle/retire/retire_component.ts";
import { checkSources } from "../../src/bundle/source/project_check.ts";
import { flagsOf } from "./support.ts";

const IMPORT = 'import { feature } from "bun:bundle";\n';

function rewrite(body: string, keep: boolean, file = "app.ts"): string | undefined {
  return retireInSource(IMPORT + body, file, "A", keep);
}

/** Source, what stays with the flag on, what stays with it off. */
const SHAPES: Record<string, readonly [string, on: string, off: string]> = {
  if: ['if (feature("A")) f();\ng();\n', "f();\ng();\n", "g();\n"],
  "if with else": ['if (feature("A")) f();\nelse g();\n', "f();\n", "g();\n"],
  "blocks, with their comments and layout": [
    '// why\nif (feature("A")) {\n  // one\n  f();\n\n  g(`\n    x`); // two\n} else {\n  h();\n}\n',
    "// why\n// one\nf();\n\ng(`\n    x`); // two\n",
    "// why\nh();\n",
  ],
  "a block with names of its own": [
    'if (feature("A")) {\n  let x = 1;\n  f(x);\n}\n',
    "{\n  let x = 1;\n  f(x);\n}\n",
    "",
  ],
  "a block with var": ['if (feature("A")) {\n  var x = 1;\n}\n', "var x = 1;\n", ""],
  "an empty block": ['if (feature("A")) {\n}\ng();\n', "g();\n", "g();\n"],
  "else if": [
    'if (x) {\n  f();\n} else if (feature("A")) {\n  g();\n}\n',
    "if (x) {\n  f();\n} else {\n  g();\n}\n",
    "if (x) {\n  f();\n}\n",
  ],
  "a chain": [
    'if (x) f();\nelse if (feature("A")) g();\nelse h();\n',
    "if (x) f();\nelse g();\n",
    "if (x) f();\nelse h();\n",
  ],
  "first of a chain": [
    'if (feature("A")) {\n  f();\n} else if (x) {\n  g();\n}\n',
    "f();\n",
    "if (x) {\n  g();\n}\n",
  ],
  not: ['if (!feature("A")) f();\n', "", "f();\n"],
  and: ['if (feature("A") && x) f();\n', "if (x) f();\n", ""],
  or: ['if (feature("A") || x) f();\n', "f();\n", "if (x) f();\n"],
  "a part of a condition": [
    'if (x && (feature("A") || y) && z) f();\n',
    'if (x && (feature("A") || y) && z) f();\n'.replace('(feature("A") || y) && ', ""),
    "if (x && (y) && z) f();\n",
  ],
  compared: ['if (feature("A") === false) f();\n', "", "f();\n"],
  "a call that must still be made": [
    'if (f() && feature("A")) g();\n',
    "if (f()) g();\n",
    "if (f() && false) g();\n",
  ],
  nested: [
    'if (feature("A")) {\n  if (!feature("A")) f();\n  else {\n    g();\n  }\n}\n',
    "g();\n",
    "",
  ],
  "nested in a condition of something else": [
    'if (x) {\n  if (feature("A")) {\n    f();\n  }\n}\n',
    "if (x) {\n  f();\n}\n",
    "if (x) {\n}\n",
  ],
  "the body of a loop": ['for (;;) if (feature("A")) f();\n', "for (;;) f();\n", "for (;;) {}\n"],
  "before an else that is another's": [
    'if (x) if (feature("A")) { if (y) f(); } else { g(); } else h();\n',
    "if (x) { if (y) f(); } else h();\n",
    "if (x) { g(); } else h();\n",
  ],
  "a bare if before another's else": [
    'if (x) { if (feature("A")) if (y) f(); } else h();\n',
    "if (x) { if (y) f(); } else h();\n",
    "if (x) {  } else h();\n",
  ],
  "a choice": ['const x = feature("A") ? 1 : 2;\n', "const x = 1;\n", "const x = 2;\n"],
  "choices in each other": [
    'f(feature("A") ? (x ? 1 : 2) : feature("A") ? 3 : (4, 5));\n',
    "f((x ? 1 : 2));\n",
    "f((4, 5));\n",
  ],
  "an object as a function's body": [
    'const f = () => feature("A") ? { a: 1 } : null;\n',
    "const f = () => ({ a: 1 });\n",
    "const f = () => null;\n",
  ],
  "a function as a statement": [
    'feature("A") ? function () { f(); } : g();\n',
    "(function () { f(); });\n",
    "g();\n",
  ],
  "a case of a switch": [
    'switch (x) {\n  case 1:\n    if (feature("A")) {\n      f();\n    }\n    break;\n}\n',
    "switch (x) {\n  case 1:\n    f();\n    break;\n}\n",
    "switch (x) {\n  case 1:\n    break;\n}\n",
  ],
  "a label's statement": [
    'out: if (feature("A")) {\n  break out;\n}\n',
    "out: {\n  break out;\n}\n",
    "out: {}\n",
  ],
  "Bun.config": ["if (Bun.config.features.A) f();\n", "f();\n", ""],
  "a cast": ['if (feature("A") as boolean) f();\n', "f();\n", ""],
  "a comment behind the brace": [
    'if (feature("A")) { // new\n  f();\n  g();\n} else { /* old */\n  h();\n}\n',
    "// new\nf();\ng();\n",
    "/* old */\nh();\n",
  ],
  "a choice over several lines": [
    'const x = feature("A")\n  ? {\n      a: `\n      `,\n    }\n  : [\n      1,\n    ];\n',
    "const x = {\n  a: `\n      `,\n};\n",
    "const x = [\n  1,\n];\n",
  ],
  "a statement over several lines": [
    '{\n  if (feature("A"))\n    f(\n      1,\n    );\n}\n',
    "{\n  f(\n    1,\n  );\n}\n",
    "{\n}\n",
  ],
  "objects as a function's body, nested": [
    'const f = () => feature("A") ? Bun.config.features.A ? { a: 1 } : 2 : !feature("A") ? { b: 1 } : 3;\n',
    "const f = () => ({ a: 1 });\n",
    "const f = () => ({ b: 1 });\n",
  ],
  "a method as a mere function": [
    '(feature("A") ? o.m : o?.n)(1);\n((feature("A") ? (feature("A") ? o.m : f) : (o.n!)) satisfies F)<T>`x`;\ndelete (feature("A") ? o.m : 1);\n',
    "(0, o.m)(1);\n(((0, o.m)) satisfies F)<T>`x`;\ndelete (0, o.m);\n",
    "(0, o?.n)(1);\n((0, (o.n!)) satisfies F)<T>`x`;\ndelete (1);\n",
  ],
  "eval as a mere function": [
    '(feature("A") ? eval : f)("x");\n',
    '(0, eval)("x");\n',
    '(f)("x");\n',
  ],
  "an empty else before another's": [
    'if (x) if (y) f(); else if (feature("A")) ; else g(); else h();\n',
    "if (x) if (y) f(); else {} else h();\n",
    "if (x) if (y) f(); else { g(); } else h();\n",
  ],
  "an empty else that no flag decides": [
    'if (x) for (;;) if (y) f(); else ; else if (feature("A")) h();\n',
    "if (x) for (;;) if (y) f(); else ; else h();\n",
    "if (x) for (;;) if (y) f(); else ;\n",
  ],
  "an empty else in a loop before another's": [
    'if (x) for (;;) if (y) f(); else if (feature("A")) ; else g(); else h();\n',
    "if (x) for (;;) if (y) f(); else {} else h();\n",
    "if (x) for (;;) if (y) f(); else g(); else h();\n",
  ],
  "no semicolon before a statement": [
    'f()\nif (feature("A")) [1].map(g)\nelse +g()\n',
    "f();\n[1].map(g)\n",
    "f();\n+g()\n",
  ],
  "no semicolon in a block": [
    'if (feature("A")) {\n  f()\n}\n;`x`.f()\n',
    "f()\n;`x`.f()\n",
    ";`x`.f()\n",
  ],
  "no semicolon around a block": [
    'f()\nif (feature("A")) {\n  g()\n} // what\n/re/.test(x)\n',
    "f()\ng();\n // what\n/re/.test(x)\n",
    "f();\n // what\n/re/.test(x)\n",
  ],
  "no semicolons where lines end by themselves": [
    'f()\nif (feature("A")) {\n  ++x\n}\ng()\n--x\nconst h = () => {\n  return x\n}\n',
    "f()\n++x\ng()\n--x\nconst h = () => {\n  return x\n}\n",
    "f()\ng()\n--x\nconst h = () => {\n  return x\n}\n",
  ],
  "no semicolon behind a loop's declaration": [
    'for (var i = 0; i < 1; i++) var x = y\nif (feature("A")) (z)\n',
    "for (var i = 0; i < 1; i++) var x = y;\n(z)\n",
    "for (var i = 0; i < 1; i++) var x = y\n",
  ],
  "no semicolon behind a choice": [
    'x = feature("A") ? y : () => {}\n(z)\n',
    "x = y;\n(z)\n",
    "x = () => {};\n(z)\n",
  ],
  "a comparison of more than a truth": [
    'if ((x && feature("A")) === false) f();\nif (((x && feature("A")) as T) !== false) g();\n',
    "if ((x) === false) f();\nif (((x) as T) !== false) g();\n".replaceAll("(x)", "(x && true)"),
    "if ((x && false) === false) f();\nif (((x && false) as T) !== false) g();\n",
  ],
  "a value that may be null": [
    'if ((x && feature("A")) ?? y) f();\n',
    "if ((x && true) ?? y) f();\n",
    "if ((x && false) ?? y) f();\n",
  ],
  "a statement behind another on its line": [
    'g(); if (feature("A")) f();\nh();\n',
    "g(); f();\nh();\n",
    "g(); \nh();\n",
  ],
  "an empty block behind a line": [
    'f();\nif (feature("A")) {\n}\ng();\n',
    "f();\ng();\n",
    "f();\ng();\n",
  ],
  "a block that is not moved in": [
    'if (x) {\n  if (feature("A")) {\nf();\ng("", "\\\n  ");\n  }\n}\n',
    'if (x) {\n  f();\ng("", "\\\n  ");\n}\n',
    "if (x) {\n}\n",
  ],
  "an operator of the value": [
    'if (~(x && feature("A"))) f();\n',
    "if (~(x && true)) f();\n",
    "if (~(x && false)) f();\n",
  ],
  "a function inside a condition": [
    'if (list.some((x) => (feature("A") ? x : !x))) f();\n',
    "if (list.some((x) => (x))) f();\n",
    "if (list.some((x) => (!x))) f();\n",
  ],
};

for (const [name, [body, on, off]] of Object.entries(SHAPES)) {
  test(name, () => {
    expect(rewrite(body, true)).toBe(on);
    expect(rewrite(body, false)).toBe(off);
  });
}

describe("the import", () => {
  test("stays while another flag needs it", () => {
    expect(rewrite('if (feature("A")) f();\nif (feature("B")) g();\n', true)).toBe(
      `${IMPORT}f();\nif (feature("B")) g();\n`,
    );
  });

  test("goes when the other flag stood in the dead branch", () => {
    expect(rewrite('if (feature("A")) f();\nelse if (feature("B")) g();\n', true)).toBe("f();\n");
  });

  test("goes when the other flag stood in a condition that is decided", () => {
    expect(rewrite('if (feature("A") || feature("B")) f();\n', true)).toBe("f();\n");
  });

  test("stays while a type names the function", () => {
    const types = "type Ask = typeof feature;\n";
    expect(rewrite(`if (feature("A")) f();\n${types}`, true)).toBe(`${IMPORT}f();\n${types}`);
  });

  test("keeps its types", () => {
    const code =
      'import { type Registry, feature, type R } from "bun:bundle";\nif (feature("A")) f();\n';
    expect(retireInSource(code, "a.ts", "A", true)).toBe(
      'import { type Registry, type R } from "bun:bundle";\nf();\n',
    );
  });
});

test("reads of the imported views go as well", () => {
  const code = `import { config } from "immuconfig";
import { live as now } from "immuconfig/live";
if (config.features.A && now.features.A) f();
else g(config.features["A"], config.features.B);
`;
  const [imports = ""] = code.split("\n", 1);
  expect(retireInSource(code, "a.ts", "A", true)).toBe("f();\n");
  expect(retireInSource(code, "a.ts", "A", false)).toBe(
    `${imports}\ng(false, config.features.B);\n`,
  );
  const shadowed = "const f = (config) => config.features.A;\n";
  expect(retireInSource(`${imports}\n${shadowed}`, "a.ts", "A", true)).toBeUndefined();
});

test("CRLF, a byte order mark and TSX stay as they are", () => {
  const code = `\ufeff${IMPORT}const x = <b>{feature("A") ? <i>é</i> : null}</b>;\n`.replaceAll(
    "\n",
    "\r\n",
  );
  expect(retireInSource(code, "a.tsx", "A", true)).toBe("\ufeffconst x = <b>{<i>é</i>}</b>;\r\n");
});

test("what would not parse is refused", () => {
  const body = 'for (var x = feature("A") ? a in b : c; ; ) f();\n';
  expect(() => rewrite(body, true)).toThrow("the source does not parse");
});

test("a source of one statement without an import", () => {
  const code = "if (Bun.config.features.A) f();\ng();\n";
  expect(retireInSource(code, "a.ts", "A", false)).toBe("g();\n");
});

test("a source without the flag is left alone", () => {
  expect(rewrite('if (feature("B")) f();\n', true)).toBeUndefined();
});

test("a source with mistakes is refused with the place", () => {
  expect(() => rewrite('if (feature("A")) f();\nconst g = feature;\n', true)).toThrow(
    "app.ts:3:11: feature used as a value",
  );
});

test("a source whose only use is a mistake is refused", () => {
  expect(() => rewrite('const on = feature("A");\n', true)).toThrow("app.ts:2:12: feature");
  expect(() => rewrite('if (feature("A")) f(;\n', true)).toThrow(
    "app.ts:2:21: the source does not",
  );
});

test("a source with mistakes that does not name the flag is left alone", () => {
  expect(rewrite("const g = feature;\n", true)).toBeUndefined();
  expect(retireInSource("A is no (( program", "a.ts", "A", true)).toBeUndefined();
});

test("a flag's name with escapes is found", () => {
  expect(rewrite('if (feature("\\x41")) f();\n', true)).toBe("f();\n");
});

test("a var of the dead branch that stays in use is refused with its place", () => {
  const body = 'if (feature("A")) {\n  var late = 1;\n}\nlog(late);\n';
  expect(() => rewrite(body, false)).toThrow(
    "app.ts:3:7: late is declared in the branch that goes",
  );
  expect(rewrite(body, true)).toBe("var late = 1;\nlog(late);\n");
});

/** Bun shortens these in another way, to programs that do the same. */
const SPELLED_OTHERWISE = new Set([
  "blocks, with their comments and layout",
  "a block with var",
  "a comment behind the brace",
  "a part of a condition",
]);

/** What Bun makes of a source, shortened so that equal programs have equal texts. */
async function build(code: string, features: string[]): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: ["/app.ts"],
    files: { "/app.ts": `${code}\nend();\nexport {};` },
    features,
    define: { "Bun.config.features.A": String(features.includes("A")) },
    minify: { syntax: true, whitespace: true },
  });
  return (await outputs[0]?.text()) ?? "";
}

describe("Bun builds the same program from what comes out as from the source with the flag set", () => {
  for (const [name, [body]] of Object.entries(SHAPES)) {
    if (SPELLED_OTHERWISE.has(name)) continue;
    test(name, async () => {
      expect(await build(rewrite(body, true) ?? "", [])).toBe(await build(IMPORT + body, ["A"]));
      expect(await build(rewrite(body, false) ?? "", [])).toBe(await build(IMPORT + body, []));
    });
  }
});

function guard(condition: string): string {
  return `function f(k) {\n  if (${condition}) return "new";\n  g(k); // old\n  return "old";\n}\nf();\n`;
}

describe("what stands behind a guard", () => {
  test("goes with a guard that now always leaves", () => {
    expect(rewrite(guard('feature("A")'), true)).toBe(
      'function f(k) {\n  return "new";\n}\nf();\n'
        .replace("\n}", " // old\n}")
        .replace(" // old", ""),
    );
    expect(rewrite(guard('!feature("A")'), false)).toBe(rewrite(guard('feature("A")'), true));
  });

  test("stays with one that now never does, and with one that is not decided", () => {
    const rest = 'function f(k) {\n  g(k); // old\n  return "old";\n}\nf();\n';
    expect(rewrite(guard('feature("A")'), false)).toBe(rest);
    expect(rewrite(guard('feature("A") && k'), true)).toBe(guard("k"));
  });

  test("keeps a function, and what was out of reach before", () => {
    const code =
      'function f() {\n  if (feature("A")) return h();\n  function h() {}\n}\nfunction g() {\n  return;\n  x();\n}\nf();\n';
    expect(rewrite(code, true)).toBe(
      "function f() {\n  return h();\n  function h() {}\n}\nfunction g() {\n  return;\n  x();\n}\nf();\n",
    );
  });
});

test("what comes out has no mistake and asks for the flag no more", () => {
  const record = flagsOf({});
  for (const keep of [true, false]) {
    for (const [body] of Object.values(SHAPES)) {
      const code = rewrite(body, keep) ?? "";
      expect(checkSources([{ file: "a.ts", code }], record, "2026-01-01").diagnostics).toEqual([]);
    }
  }
});

/** Imports, and what is left of them with the flag on. */
const IMPORTS: Record<string, readonly [string, string]> = {
  "names of a list": [
    'import { a, b, c } from "./x";\nif (feature("A")) b();\nelse { a(); c(); }\n',
    'import { b } from "./x";\nb();\n',
  ],
  "the last of a list over several lines": [
    'import {\n  one,\n  two,\n} from "./x";\nif (feature("A")) one();\nelse two();\n',
    'import {\n  one,\n} from "./x";\none();\n',
  ],
  "a default beside a list, and a list beside a default": [
    'import d, { e } from "./d";\nimport g, { h } from "./g";\nif (feature("A")) d(h);\nelse e(g);\n',
    'import d from "./d";\nimport { h } from "./g";\nd(h);\n',
  ],
  "a namespace, a default, and both": [
    'import * as n from "./n";\nimport o from "./o";\nimport p, * as q from "./p";\nif (feature("A")) q.f();\nelse n.f(o, p);\n',
    'import * as q from "./p";\nq.f();\n',
  ],
  "not one that a type still needs, nor one that nothing used before": [
    'import { T } from "./t";\nimport "./effect";\nimport unused from "./u";\nif (!feature("A")) new T();\nexport let x: T | undefined;\n',
    'import { T } from "./t";\nimport "./effect";\nimport unused from "./u";\nexport let x: T | undefined;\n',
  ],
  "one whose name another thing has where it is used": [
    'import { two } from "./x";\nexport const f = (two: number) => two;\nif (!feature("A")) two();\n',
    "export const f = (two: number) => two;\n",
  ],
};

test.each(Object.entries(IMPORTS))(
  "imports that a branch alone used go: %s",
  (_, [body, after]) => {
    expect(rewrite(body, true)).toBe(after);
  },
);

test("an import that JSX may mean stays", () => {
  const code = 'import React from "react";\nconst a = feature("A") ? <b /> : React.version;\n';
  expect(rewrite(code, true, "a.tsx")).toBe('import React from "react";\nconst a = <b />;\n');
});

const COMPONENT = `<p>{ new }</p>
<script module lang="ts">
import { feature } from "bun:bundle";
import Old from "./Old.svelte";
import New from "./New.svelte";
import { seen, other } from "./x.ts";
const a: string = feature("A") ? "on" : other(seen);
</script>
<New a={seen} />
`;

describe("a component", () => {
  test("keeps what its markup uses", () => {
    const code = COMPONENT.replace("other(seen)", "other(seen, Old, New)");
    expect(retireInComponent(code, "a.svelte", "svelte", { name: "A", keep: true })).toBe(
      `<p>{ new }</p>
<script module lang="ts">
import New from "./New.svelte";
import { seen } from "./x.ts";
const a: string = "on";
</script>
<New a={seen} />
`,
    );
  });

  test("keeps the import that another script of it needs", () => {
    const code = `<script>\n${IMPORT}const a = feature("A") ? 1 : 2;\n</script>\n<script setup>\nconst b = feature("B") ? 1 : 2;\n</script>\n`;
    expect(retireInComponent(code, "a.vue", "vue", { name: "A", keep: true })).toBe(
      code.replace('feature("A") ? 1 : 2', "1"),
    );
  });

  test("is refused at its own place", () => {
    const code = `<p />\n<script>\n${IMPORT}for (var x = feature("A") ? a in b : c; ; ) f();\n</script>\n`;
    expect(() => retireInComponent(code, "a.vue", "vue", { name: "A", keep: true })).toThrow(
      "a.vue:4:",
    );
  });

  test("keeps the indentation of what stands behind an import that goes", () => {
    const code = `<script>\n  import { feature } from "bun:bundle";\n\n  const a = feature("A") ? 1 : 2;\n</script>\n`;
    expect(retireInComponent(code, "a.svelte", "svelte", { name: "A", keep: true })).toBe(
      "<script>\n  const a = 1;\n</script>\n",
    );
  });

  test("leaves a byte order mark", () => {
    const code = `\uFEFF${IMPORT}if (feature("A")) f();\nif (feature("A")) {}\nf();\n`;
    expect(retireInSource(code, "a.ts", "A", true)).toBe("\uFEFFf();\nf();\n");
    const first = `\uFEFFif (feature("A")) {}\nf();\n${IMPORT}`;
    expect(retireInSource(first, "a.ts", "A", true)).toStartWith("\uFEFF");
  });

  test("leaves what no script uses", () => {
    expect(
      retireInComponent("<p>A</p>", "a.vue", "vue", { name: "A", keep: true }),
    ).toBeUndefined();
  });

  test("is told apart from what a comment says, in its markup or its scripts", () => {
    const code = `<template>
<!-- A -->
<p>{{ "A" }}</p>
</template>
<script lang="coffee">
A
</script>
<script setup>
${IMPORT}// A
const s = "<!--", a = feature("A") ? 1 : 2;
</script>
`;
    const beyond = beyondRetire(code, "vue").split("\n");
    expect(beyond.flatMap((text, line) => (/\bA\b/.test(text) ? [line + 1] : []))).toEqual([3, 6]);
  });

  test("goes where a script asks by the import of another, too", () => {
    const module = `<script module>\n${IMPORT}export const a = 1;\n</script>\n`;
    const code = `${module}<script>\nconst b = feature("A") ? 1 : 2;\n</script>\n`;
    expect(retireInComponent(code, "a.svelte", "svelte", { name: "A", keep: true })).toBe(
      "<script module>\nexport const a = 1;\n</script>\n<script>\nconst b = 1;\n</script>\n",
    );
    const blocks = `${IMPORT}\nexport const a = feature("A") ? 1 : 2;\n\n# Title {a}\n`;
    expect(retireInComponent(blocks, "a.mdx", "mdx", { name: "A", keep: false })).toBe(
      "\nexport const a = 2;\n\n# Title {a}\n",
    );
    const views = `<script>\nif (config.features.A) f();\n</script>\n<script module>\nimport {\n  config\n} from "immuconfig"\n</script>\n`;
    expect(retireInComponent(views, "a.svelte", "svelte", { name: "A", keep: true })).toBe(
      views.replace("if (config.features.A) f();", "f();"),
    );
  });
});

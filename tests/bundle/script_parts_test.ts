/** Where scripts stand in a component: what our splitter says is what the real compilers say. */

import { expect, test } from "bun:test";
import mdx from "@mdx-js/rollup";
import { parse as parseSvelte } from "svelte/compiler";
import { parse as parseVue } from "vue/compiler-sfc";
import { type ComponentKind, findScripts } from "../../src/bundle/source/component/script_parts.ts";
import { parseSource } from "../../src/bundle/source/parse.ts";
import { Random } from "../support/random.ts";

const RUNS = 400;

/** The texts of the parts of each module. */
const partsOf = (code: string, kind: ComponentKind): string[] =>
  findScripts(code, kind).modules.flatMap(({ parts }) =>
    parts.map(({ start, end }) => code.slice(start, end)),
  );

/** Some of the pieces, each at most once, in any order. */
function shuffle(random: Random, pieces: readonly string[]): string {
  const left = [...pieces];
  let text = "";
  for (let count = random.below(pieces.length + 1); count > 0; count--) {
    text += left.splice(random.below(left.length), 1).join("");
  }
  return text;
}

const VUE_PIECES = [
  "<!-- <script>no();</script> -->\n",
  "<script lang='ts'>\nexport const a: string = '</div>';\n</script>\n",
  '<script setup lang="ts" generic="T extends string, U">\nconst b = 1 as T;\n</script>\n',
  '<template>\n<template #x="{ y }"><p :title="a > 1 ? \'<template>\' : b">{{ y }}</p></template>\n<script>no</script></template>\n',
  "<docs>\n# <script>no();</script>\n</docs>\n",
  "<style scoped>\na > b { color: red; }\n</style>\n",
  '<i18n lang=\'json\'>{ "a": "<b>" }</i18n>\n',
];

test("Vue", () => {
  const random = new Random(1);
  for (let run = 0; run < RUNS; run++) {
    const code = shuffle(random, VUE_PIECES);
    const { script, scriptSetup } = parseVue(code, { ignoreEmpty: false }).descriptor;
    const blocks = [script, scriptSetup].flatMap((one) => (one === null ? [] : [one]));
    const wanted = blocks
      .toSorted((a, b) => a.loc.start.offset - b.loc.start.offset)
      .map(({ content }) => content);
    expect({ code, parts: partsOf(code, "vue") }).toEqual({ code, parts: wanted });
  }
});

const SVELTE_PIECES = [
  "<!-- <script>no();</script> -->\n",
  '<script module lang="ts">\nexport const a: string = "<p>";\n</script>\n',
  "<script>\nlet b = 1 > 0;\n</script>\n",
  '<svelte:head>\n<script type="application/ld+json">{ "no": 1 }</script>\n</svelte:head>\n',
  "{#if 1 < 2}<p class={'a' > 'b' ? 'c' : \"d\"}>text</p>{/if}\n",
  "<style>\np { color: red; }\n</style>\n",
];

test("Svelte", () => {
  const random = new Random(2);
  for (let run = 0; run < RUNS; run++) {
    const code = shuffle(random, SVELTE_PIECES);
    const { instance, module } = parseSvelte(code, { modern: true });
    const wanted = [instance, module]
      .flatMap((one) => one ?? [])
      .toSorted((a, b) => a.start - b.start)
      .map(({ start, end }) => code.slice(code.indexOf(">", start) + 1, end - "</script>".length));
    expect({ code, parts: partsOf(code, "svelte") }).toEqual({ code, parts: wanted });
  }
});

const MDX_PIECES = [
  'import a from "a";\n\n',
  'export const f = () => {\n\n  return "b";\n};\n\n',
  "# Title\n",
  'A paragraph\nimport no from "no";\n\n',
  '```js\nimport no from "no2";\n\nexport const no3 = 1;\n```\n\n',
  '- a list\n\n  import no from "no4";\n\n',
  "<b>{a}</b>\n\n",
  '~~~\n```\nimport no from "no5";\n~~~\n\n',
];

/** What a script imports and exports. */
const namesOf = (code: string): string[] =>
  parseSource("a.jsx", code)
    .program.body.flatMap((node) => {
      if (node.type === "ImportDeclaration") return [node.source.value];
      if (node.type !== "ExportNamedDeclaration" || node.declaration === null) return [];
      const { declaration } = node;
      if (declaration.type !== "VariableDeclaration") return [];
      return declaration.declarations.map(({ id }) => (id.type === "Identifier" ? id.name : ""));
    })
    .filter((name) => !name.startsWith("react"))
    .toSorted();

test("MDX", async () => {
  const random = new Random(3);
  const { transform } = mdx();
  for (let run = 0; run < RUNS / 4; run++) {
    const code = shuffle(random, MDX_PIECES);
    const compiled = await transform.call({} as never, code, "a.mdx");
    const wanted = namesOf(typeof compiled === "object" && compiled ? (compiled.code ?? "") : "");
    expect({ code, names: namesOf(partsOf(code, "mdx").join("\n")) }).toEqual({
      code,
      names: wanted,
    });
  }
});

const PAGE =
  "---\nconst a = 'it is --- not'; // don't ---\n/* --- */ const t = `---`;\n---\n<p>---</p>\n";

test("Astro", () => {
  expect(partsOf(PAGE, "astro")).toEqual([
    "\nconst a = 'it is --- not'; // don't ---\n/* --- */ const t = `---`;\n",
  ]);
  expect(
    partsOf("<p>no head</p>\n<script>a();</script><script is:inline>no()</script>", "astro"),
  ).toEqual(["a();"]);
});

test("a script in another language, or of another file, is none", () => {
  expect(
    partsOf('<script lang="coffee">a = 1</script><script src="./a.js"></script>', "vue"),
  ).toEqual([]);
});

test("hostile texts cost no more than their length", () => {
  const kinds: readonly ComponentKind[] = ["vue", "svelte", "astro", "mdx"];
  for (const piece of [
    "<script",
    "<script ",
    '<a "',
    "<!--",
    "{{",
    "---\n",
    "`",
    "import \n\n",
    "<template>",
  ]) {
    const code = piece.repeat(200_000 / piece.length);
    for (const kind of kinds) expect(findScripts(code, kind).modules.length).toBeLessThan(200_000);
  }
});

/** Components of Vue, Svelte and MDX in Vite, whatever the order of the plugins. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import mdx from "@mdx-js/rollup";
import * as esbuild from "esbuild";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import { build, createServer, type PluginOption } from "vite";
import * as forRolldown from "../../src/bundle/adapters/rolldown.ts";
import * as forRollup from "../../src/bundle/adapters/rollup.ts";
import * as forVite from "../../src/bundle/adapters/vite.ts";
import { REPOSITORY } from "../support/repository.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { COMPONENTS, type ComponentCase } from "./components.ts";
import { failure, writeFiles, writeFixtureRecord } from "./support.ts";

setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

function makeProject({ file, text }: Pick<ComponentCase, "file" | "text">): string {
  const root = temporaryFolder();
  writeFiles(root, {
    "main.js": `import * as all from "./${file}";\nconsole.log(all);\n`,
    [file]: text,
    "package.json": '{"type":"module"}',
  });
  symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  return root;
}

async function bundle(
  root: string,
  plugins: readonly PluginOption[],
  ssr = false,
): Promise<string> {
  const result = await build({
    root,
    configFile: false,
    logLevel: "silent",
    plugins: [...plugins],
    build: {
      write: false,
      minify: true,
      ssr,
      modulePreload: false,
      rolldownOptions: {
        input: join(root, "main.js"),
        external: /^(?:vue|svelte|preact)(?:\/|$)/,
      },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  return outputs
    .flatMap((one) => ("output" in one ? one.output : []))
    .map((one) => ("code" in one ? one.code : ""))
    .join("\n");
}

describe.each(COMPONENTS)("$name", ({ compiler, live, dead, ...project }) => {
  test.each(["before", "behind"] as const)("is built with the plugin %s", async (place) => {
    for (const ssr of [false, true]) {
      const root = makeProject(project);
      const ours = forVite.immuconfig({ file: writeFixtureRecord(root) });
      const plugins = place === "before" ? [ours, compiler()] : [compiler(), ours];
      const code = await bundle(root, plugins, ssr);
      for (const text of live) expect(code).toContain(text);
      for (const text of dead) expect(code).not.toContain(text);
      expect(code).not.toContain('from"bun:bundle"');
    }
  });
});

/** What a mistake is told as, whatever stands before. */
const MISTAKES: readonly (ComponentCase & { readonly at: string })[] = [
  [
    "vue",
    '<template><b>{{ t }}</b></template>\n<script setup lang="ts">\nimport { feature } from "bun:bundle";\nconst t: boolean =\n  feature("ON");\n</script>\n',
    "5:3: ",
  ],
  [
    "vue",
    '<script setup>\nimport { feature } from "bun:bundle";\n</script>\n<template>\n  <b @click="feature(\'ON\') && go()">feature("ON")</b>\n</template>\n',
    "5:14: ",
  ],
  [
    "vue",
    '<script setup>\nimport { feature } from "bun:bundle";\n</script>\n<template>\n  <b :class="feature(\'ON\')">x</b>\n</template>\n',
    "5:14: ",
  ],
  [
    "vue",
    '<script>\nimport { feature } from "bun:bundle";\nif (feature("NONE")) f();\nexport default {};\n</script>\n',
    "3:13: ",
  ],
  [
    "svelte",
    '<b>{feature("ON")}</b>\n<script>\nimport { feature } from "bun:bundle";\n</script>\n',
    "1:5: ",
  ],
  [
    "svelte",
    '<script>\nimport { feature } from "bun:bundle";\n</script>\n{#each [1] as feature}{feature}{/each}\n{#if feature("NONE")}x{/if}\n',
    "5:6: ",
  ],
  [
    "mdx",
    '# A\n\nimport { feature } from "bun:bundle"\n\n<b>{feature("NONE") ? 1 : 2}</b>\n',
    "5:13: ",
  ],
].map(([kind = "", text = "", at = ""]) => {
  const like = COMPONENTS.find(({ file }) => file === `App.${kind}`);
  if (like === undefined) throw new Error(kind);
  return { ...like, text, at };
});

test.each(MISTAKES)("a mistake in $file is told at $at", async ({ compiler, at, ...project }) => {
  for (const order of ["before", "behind"]) {
    const root = makeProject(project);
    const ours = forVite.immuconfig({ file: writeFixtureRecord(root) });
    const plugins = order === "before" ? [ours, compiler()] : [compiler(), ours];
    expect(await failure(() => bundle(root, plugins))).toContain(`${project.file}:${at}`);
  }
});

test.each(COMPONENTS)(
  "the development server serves $name",
  async ({ compiler, file, text, live, dead }) => {
    const root = makeProject({ file, text });
    const server = await createServer({
      root,
      configFile: false,
      logLevel: "silent",
      server: { middlewareMode: true, ws: false },
      optimizeDeps: { noDiscovery: true },
      plugins: [compiler(), forVite.immuconfig({ file: writeFixtureRecord(root) })],
    });
    try {
      const code = (await server.transformRequest(`/${file}`))?.code ?? "";
      const folded = (
        await esbuild.transform(code.replace(/^\/\/# source.*$/m, ""), {
          minifySyntax: true,
          treeShaking: true,
          format: "esm",
          sourcemap: false,
        })
      ).code;
      for (const one of live) expect(folded).toContain(one);
      for (const one of dead) expect(folded).not.toContain(one);
      expect(code).not.toMatch(/(?:from|import) ?"(?:\/@id\/)?bun:bundle/);
    } finally {
      await server.close();
    }
  },
);

describe.each([
  ["Rollup", rollup, forRollup.immuconfig],
  ["Rolldown", rolldown, forRolldown.immuconfig],
] as const)("%s", (_, bundler, immuconfig) => {
  test.each(["before", "behind"] as const)("builds MDX with the plugin %s", async (place) => {
    const found = COMPONENTS.find(({ name }) => name === "MDX");
    if (found === undefined) throw new Error("there is no case");
    const { live, dead, ...project } = found;
    const root = makeProject(project);
    const ours = immuconfig({ file: writeFixtureRecord(root) });
    const theirs = mdx({ jsxImportSource: "preact" });
    // The two bundlers have the same plugins, and types of their own.
    const plugins = (place === "before" ? [ours, theirs] : [theirs, ours]) as never;
    const built = await bundler({ input: join(root, "main.js"), external: /^preact/, plugins });
    const { output } = await built.generate({});
    const [{ code }] = output;
    for (const text of live) expect(code).toContain(text);
    for (const text of dead) expect(code).not.toContain(text);
    expect(code).not.toContain('from "bun:bundle"');
  });
});

/** Components of Vue and Svelte in webpack and Rspack, by the loaders that people use, in Bun and in esbuild. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileScript, parse } from "vue/compiler-sfc";
import type { BunPlugin } from "bun";
import { rspack } from "@rspack/core";
import { build as esbuild, type Plugin as EsbuildPlugin } from "esbuild";
import { VueLoaderPlugin } from "vue-loader";
import type { webpack as Webpack } from "webpack";
import * as forBun from "../../src/bundle/adapters/bun.ts";
import * as forEsbuild from "../../src/bundle/adapters/esbuild.ts";
import * as forRspack from "../../src/bundle/adapters/rspack.ts";
import * as forWebpack from "../../src/bundle/adapters/webpack.ts";
import { REPOSITORY } from "../support/repository.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { runPackCompiler } from "./bundlers.ts";
import { COMPONENTS } from "./components.ts";
import { failure, writeFiles, writeFixtureRecord } from "./support.ts";

setDefaultTimeout(60_000);

const webpack: typeof Webpack = createRequire(import.meta.url)("webpack");
const temporaryFolder = useTemporaryFolders();
const SVELTE_LOADER = fileURLToPath(import.meta.resolve("svelte-loader"));
const STRIP_TYPES = join(import.meta.dir, "strip_types.cjs");

interface Component {
  readonly file: string;
  readonly text: string;
}

function makeProject({ file, text }: Component): {
  readonly root: string;
  readonly record: string;
} {
  const root = temporaryFolder();
  writeFiles(root, {
    "main.js": `import * as all from "./${file}";\nconsole.log(all);\n`,
    // Styles are no matter of ours, and want a loader of their own.
    [file]: text.replace(/<style[^]*<\/style>\n/, ""),
    "package.json": '{"type":"module"}',
  });
  symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  return { root, record: writeFixtureRecord(root) };
}

/** What both take. */
function settings(root: string) {
  return {
    mode: "production" as const,
    context: root,
    entry: "./main.js",
    output: { path: join(root, "out"), filename: "out.js" },
    externals: /^(?:vue|svelte)(?:\/|$)/,
    performance: false as const,
    devtool: false as const,
    module: {
      rules: [
        {
          test: /\.vue$/,
          loader: "vue-loader",
          options: { experimentalInlineMatchResource: true },
        },
        { test: /\.svelte$/, use: { loader: SVELTE_LOADER, options: { emitCss: false } } },
        { test: /\.ts$/, use: STRIP_TYPES },
      ],
    },
  };
}

const PACKERS = {
  async webpack(component: Component) {
    const { root, record } = makeProject(component);
    const ours = forWebpack.immuconfig({ file: record });
    const compiler = webpack({ ...settings(root), plugins: [ours, new VueLoaderPlugin()] });
    if (compiler === null) throw new Error("webpack made no compiler");
    await runPackCompiler(compiler);
    return Bun.file(join(root, "out", "out.js")).text();
  },
  async rspack(component: Component) {
    const { root, record } = makeProject(component);
    const ours = forRspack.immuconfig({ file: record });
    await runPackCompiler(rspack({ ...settings(root), plugins: [ours, new VueLoaderPlugin()] }));
    return Bun.file(join(root, "out", "out.js")).text();
  },
};

const CASES = COMPONENTS.filter(({ file }) => file !== "App.mdx").flatMap((one) =>
  (["webpack", "rspack"] as const).map((packer) => ({ ...one, packer })),
);

test.each(CASES)("$packer builds $name", async ({ packer, live, dead, ...component }) => {
  const code = await PACKERS[packer](component);
  for (const text of live) expect(code).toContain(text);
  for (const text of dead) expect(code).not.toContain(text);
  expect(code).not.toContain("bun:bundle");
});

const MISTAKES = [
  {
    file: "App.vue",
    text: '<template><b>{{ t }}</b></template>\n<script setup lang="ts">\nimport { feature } from "bun:bundle";\nconst t: boolean =\n  feature("ON");\n</script>\n',
    at: "App.vue:5:3: ",
  },
  {
    file: "App.svelte",
    text: '<b>{feature("ON")}</b>\n<script>\nimport { feature } from "bun:bundle";\n</script>\n',
    at: "App.svelte:1:5: ",
  },
].flatMap((one) => (["webpack", "rspack"] as const).map((packer) => ({ ...one, packer })));

test.each(MISTAKES)("$packer tells a mistake at $at", async ({ packer, at, ...component }) => {
  expect(await failure(() => PACKERS[packer](component))).toContain(at);
});

async function buildByBun(template: string): Promise<string> {
  const { root, record } = makeProject({
    file: "App.vue",
    text: `<script setup>\nimport { feature } from "bun:bundle";\nconst title = feature("ON") ? "live-title" : "dead-title";\n</script>\n<template>${template}</template>\n`,
  });
  const compiler: BunPlugin = {
    name: "compiler",
    setup(builder) {
      builder.onLoad({ filter: /\.vue$/ }, ({ path }) => {
        const { descriptor } = parse(readFileSync(path, "utf8"), { filename: path });
        const { content } = compileScript(descriptor, { id: "app", inlineTemplate: true });
        return { contents: content, loader: "js" };
      });
    },
  };
  const { outputs } = await Bun.build({
    entrypoints: [join(root, "main.js")],
    minify: true,
    external: ["vue"],
    plugins: [forBun.immuconfig({ file: record }), compiler],
  });
  return outputs[0]?.text() ?? "";
}

test("Bun sets the flags in a component's script, and refuses those of a template", async () => {
  const code = await buildByBun("<b>{{ title }}</b>");
  expect(code).toContain("live-title");
  expect(code).not.toContain("dead-title");
  expect(await failure(() => buildByBun('<b>{{ feature("ON") ? title : "" }}</b>'))).toContain(
    "App.vue:5:17: Bun does not decide a flag in a template",
  );
});

test("esbuild, which gives a component to one plugin, refuses one at its place", async () => {
  const { root, record } = makeProject({
    file: "App.vue",
    text: '<script>\nimport { feature } from "bun:bundle";\n</script>\n',
  });
  const compiler: EsbuildPlugin = {
    name: "compiler",
    setup(build) {
      build.onLoad({ filter: /\.vue$/ }, ({ path }) => ({
        contents: readFileSync(path, "utf8").replaceAll(/<.*>/g, ""),
        loader: "js",
      }));
    },
  };
  const told = await failure(() =>
    esbuild({
      absWorkingDir: root,
      entryPoints: ["main.js"],
      bundle: true,
      write: false,
      logLevel: "silent",
      plugins: [compiler, forEsbuild.immuconfig({ file: record })],
    }),
  );
  expect(told).toMatch(/App\.vue:2:0: .*a component that is not read here imports "bun:bundle"/);
});

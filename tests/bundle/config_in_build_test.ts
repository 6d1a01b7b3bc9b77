/** In a build, `config` of `immuconfig` and `Bun.config` are what was built: no file, no package. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { bundle } from "../../src/bundle/build/bundle.ts";
import { openBuildFlags } from "../../src/bundle/flags/open_build_flags.ts";
import { REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { BUNDLERS } from "./bundlers.ts";
import { writeFiles, writeFixtureRecord } from "./support.ts";

setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();
const APP = `import { config } from "immuconfig";
import "immuconfig/register";
import { other } from "./other.js";
const { features } = Bun.config;
const name = "rows";
console.log(JSON.stringify([config, Object.isFrozen(config.features), features.ON, other(name)]));
`;
const OTHER = `export const other = (name) => [Bun.config.terminal[name], Bun.config?.features.OFF];
`;

/** A project with the package in its node_modules. */
function makeProject(): { readonly root: string; readonly record: string } {
  const root = temporaryFolder();
  writeFiles(root, {
    "app/main.js": APP,
    "app/other.js": OTHER,
    "package.json": '{"type":"module"}',
  });
  mkdirSync(join(root, "node_modules"));
  symlinkSync(REPOSITORY, join(root, "node_modules", "immuconfig"));
  return { root, record: writeFixtureRecord(root) };
}

/** What it prints in an empty folder. */
async function runApart(path: string, program: readonly string[]): Promise<unknown> {
  const cwd = temporaryFolder();
  cpSync(path, join(cwd, "app.mjs"));
  const { stdout, stderr } = await run([...program, join(cwd, "app.mjs")], { cwd });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

function expectBuilt(printed: unknown): void {
  expect(printed).toEqual([
    {
      version: 1,
      features: { DEBUG: false, OFF: false, ON: true },
      registry: { url: "https://registry.example.test", hash: "c8c87440" },
      terminal: { mode: "cooked", rows: 24, cols: 80 },
      record: expect.stringMatching(/^[0-9a-f]{26}$/),
      generation: expect.any(Number),
    },
    true,
    true,
    [24, false],
  ]);
}

describe.each(BUNDLERS)("$name", ({ build }) => {
  test("carries the record, in Bun and in Node", async () => {
    const { root, record } = makeProject();
    const outdir = join(root, "out");
    await build({
      entries: { app: join(root, "app", "main.js") },
      root,
      outdir,
      options: { file: record },
    });
    const path = join(outdir, "app.mjs");
    expect(readFileSync(path, "utf8")).not.toMatch(/dlopen|node:fs|bunfig\.lockb|IMMUCONFIG_/);
    expectBuilt(await runApart(path, [BUN]));
    expectBuilt(await runApart(path, ["node"]));
  });
});

const CHROMIUM = Bun.which("chromium") ?? Bun.which("google-chrome");

describe.skipIf(CHROMIUM === null)("Chromium", () => {
  test("runs the bundle of every bundler with the record, from a page alone", async () => {
    const { root, record } = makeProject();
    const served = new Map<string, string>();
    for (const { name, build } of BUNDLERS) {
      const outdir = join(root, "out", name);
      const entries = { app: join(root, "app", "main.js") };
      await build({ entries, root, outdir, options: { file: record } });
      served.set(`/${name}.mjs`, readFileSync(join(outdir, "app.mjs"), "utf8"));
    }
    served.set("/bun-config.mjs", await builtText({ root, record }, "browser"));
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch({ url }) {
        const text = served.get(new URL(url).pathname);
        if (text === undefined)
          return new Response("", { headers: { "content-type": "text/html" } });
        return new Response(text, { headers: { "content-type": "text/javascript" } });
      },
    });
    const browser = await chromium.launch({
      executablePath: CHROMIUM ?? "",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
    try {
      for (const path of served.keys()) {
        const page = await browser.newPage();
        await page.goto(server.url.href);
        const printed = page.waitForEvent("console");
        // There is no Bun, and nothing to load but the bundle.
        await page.addScriptTag({ type: "module", url: path });
        expectBuilt(JSON.parse((await printed).text()));
        await page.close();
      }
    } finally {
      await browser.close();
    }
  });
});

/** The text that `bun-config build` makes of the program, for a target. */
async function builtText(
  { root, record }: ReturnType<typeof makeProject>,
  target: "browser" | "node" | "bun",
): Promise<string> {
  const flags = openBuildFlags({ cwd: root, env: {}, file: record });
  const built = await bundle([join(root, "app", "main.js")], flags, {
    now: new Date(),
    build: { target },
  });
  return (await built.files[0]?.content.text()) ?? "";
}

describe("bun-config build", () => {
  test("makes bundles that carry it, for Bun and for Node", async () => {
    const project = makeProject();
    const path = join(project.root, "app.mjs");
    for (const target of ["bun", "node", "browser"] as const) {
      await Bun.write(path, await builtText(project, target));
      expectBuilt(await runApart(path, [BUN]));
      if (target !== "bun") expectBuilt(await runApart(path, ["node"]));
    }
  });

  test("makes an executable that carries it", async () => {
    const { root, record } = makeProject();
    const flags = openBuildFlags({ cwd: root, env: {}, file: record });
    const outfile = join(root, "program");
    await bundle([join(root, "app", "main.js")], flags, {
      now: new Date(),
      build: { compile: { outfile } },
    });
    expectBuilt(await runApart(outfile, []));
  });

  test("leaves it to the file when asked, and to the package what else is imported", async () => {
    const { root, record } = makeProject();
    const entry = writeFiles(root, {
      "all.ts":
        'import { config, load } from "immuconfig";\nconsole.log(config.version, typeof load);\n',
    });
    const flags = openBuildFlags({ cwd: root, env: {}, file: record });
    const text = async (config: "built" | "file"): Promise<string> => {
      const built = await bundle([entry], flags, {
        now: new Date(),
        config,
        build: { target: "bun" },
      });
      return (await built.files[0]?.content.text()) ?? "";
    };
    expect(await text("file")).toContain("IMMUCONFIG_PIN");
    const built = join(root, "all.js");
    await Bun.write(built, await text("built"));
    const { stdout } = await run([BUN, built], { cwd: temporaryFolder() });
    expect(stdout).toBe("1 function\n");
  });
});

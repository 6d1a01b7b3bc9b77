/** `immuconfig/core` in a page: built by bundlers for browsers, without what only a server has. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build as esbuild } from "esbuild";
import { rolldown } from "rolldown";
import { build as vite } from "vite";
import type { webpack as Webpack } from "webpack";
import * as core from "../src/core.ts";
import * as coreOfBrowsers from "../src/runtime/core_browser.ts";
import { encodeFile } from "../src/format/file.ts";
import { hasChromium, launchChromium } from "./support/browser.ts";
import { PROCESS_TESTS_TIMEOUT_MS } from "./support/cli.ts";
import { PLAIN_FILE } from "./support/config_files.ts";
import { buildPackage, makeProject } from "./support/project.ts";
import { BUN, run } from "./support/run.ts";
import { useTemporaryFolders } from "./support/temp.ts";
import { readVector } from "./support/vectors.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
// Imported, its getters would all be read, and each old one warns.
const webpack: typeof Webpack = createRequire(import.meta.url)("webpack");

beforeAll(buildPackage);

/** Takes the file's bytes from the page, and leaves there what it makes of them. */
const APP = `import { decode, encode, FormatError, limits, load, parse } from "immuconfig/core";
  const codeOf = (act) => { try { act(); } catch (error) { return error.code; } };
  globalThis.answer = (bytes, signed) => {
    const { features, record, terminal } = parse(bytes);
    const again = encode(decode(bytes));
    let broken = false;
    try { parse(bytes.slice(0, 50)); } catch (error) { broken = error instanceof FormatError; }
    return JSON.stringify({
      features, record, rows: terminal.rows, names: limits.FLAG_COUNT_MAX,
      same: again.length === bytes.length && again.every((byte, at) => byte === bytes[at]),
      broken, load: codeOf(() => load()), signed: codeOf(() => decode(signed)),
    });
  };`;

const PLAIN = encodeFile(PLAIN_FILE);
const SIGNED = readVector("valid/signed.lockb");
const ANSWER = {
  features: core.parse(PLAIN).features,
  record: core.parse(PLAIN).record,
  rows: core.parse(PLAIN).terminal.rows,
  names: 1024,
  same: true,
  broken: true,
  load: "ERR_UNSUPPORTED",
  signed: "ERR_SIGNATURE",
};

/** Each writes `outfile` from `entry`, for a browser, with its usual settings. */
const BUNDLERS: Readonly<Record<string, (entry: string, outfile: string) => Promise<void>>> = {
  async "bun build --target browser"(entry, outfile) {
    const words = ["build", entry, "--target=browser", `--outfile=${outfile}`];
    expect(await run([BUN, ...words], { cwd: dirname(entry) })).toMatchObject({ exitCode: 0 });
  },
  async esbuild(entry, outfile) {
    const { warnings } = await esbuild({
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: "esm",
      platform: "browser",
      logLevel: "silent",
    });
    expect(warnings).toEqual([]);
  },
  // As Cloudflare's tool sets it.
  async "esbuild for Workers"(entry, outfile) {
    const conditions = ["workerd", "worker"];
    const { warnings } = await esbuild({
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: "esm",
      platform: "neutral",
      conditions,
      logLevel: "silent",
    });
    expect(warnings).toEqual([]);
  },
  async Vite(entry, outfile) {
    await vite({
      root: dirname(entry),
      configFile: false,
      logLevel: "silent",
      build: {
        outDir: dirname(outfile),
        emptyOutDir: false,
        lib: { entry, formats: ["es"], fileName: () => basename(outfile) },
      },
    });
  },
  async Rolldown(entry, outfile) {
    const bundle = await rolldown({ input: entry, platform: "browser", logLevel: "silent" });
    await bundle.write({ file: outfile });
  },
  async webpack(entry, outfile) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const output = { path: dirname(outfile), filename: basename(outfile) };
    webpack({ mode: "production", target: "web", entry, output }, (error, stats) => {
      if (stats?.hasErrors() === false && !stats.hasWarnings()) resolve();
      else reject(error ?? new Error(stats?.toString("errors-warnings")));
    });
    await promise;
  },
};

test("the names are those of everywhere", () => {
  expect(Object.keys(coreOfBrowsers).toSorted()).toEqual(Object.keys(core).toSorted());
});

describe.each(Object.entries(BUNDLERS))("%s", (_, bundle) => {
  test("needs nothing of a server", async () => {
    const folder = temporaryFolder();
    makeProject(folder);
    const entry = join(folder, "app.mjs");
    writeFileSync(entry, APP);
    const outfile = join(folder, "out.js");
    await bundle(entry, outfile);
    const text = readFileSync(outfile, "utf8");
    expect(new Bun.Transpiler({ loader: "js" }).scanImports(text)).toEqual([]);
    // What every such runtime has, and nothing else.
    const page = createContext({ TextDecoder, TextEncoder, URL, plain: PLAIN, signed: SIGNED });
    runInContext(text, page);
    expect(JSON.parse(String(runInContext("answer(plain, signed)", page)))).toEqual(ANSWER);
  });
});

describe.skipIf(!hasChromium)("Chromium", () => {
  test("a page reads a record that it fetches", async () => {
    const folder = temporaryFolder();
    makeProject(folder);
    const entry = join(folder, "app.mjs");
    writeFileSync(entry, APP);
    const outfile = join(folder, "out.js");
    await BUNDLERS["Vite"]?.(entry, outfile);
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      routes: {
        "/": new Response(
          '<!doctype html><title>page</title><script type="module" src="/out.js"></script>',
          {
            headers: { "content-type": "text/html" },
          },
        ),
        "/out.js": new Response(readFileSync(outfile), {
          headers: { "content-type": "text/javascript" },
        }),
        "/plain": new Response(PLAIN.slice()),
        "/signed": new Response(SIGNED.slice()),
      },
    });
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(server.url.href, { waitUntil: "load" });
      const answer = await page.evaluate<string>(
        `Promise.all(["/plain", "/signed"].map((path) => fetch(path).then((it) => it.bytes?.() ?? it.arrayBuffer())))
          .then((all) => answer(...all.map((it) => new Uint8Array(it))))`,
      );
      expect(JSON.parse(answer)).toEqual(ANSWER);
    } finally {
      await browser.close();
    }
  });
});

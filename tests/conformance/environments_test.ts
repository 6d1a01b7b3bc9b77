import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { WASM_PATH } from "../support/native_cores.ts";
import { findTool, testWith } from "../support/tools.ts";
import { readVector } from "../support/vectors.ts";
import index from "../vectors/index.json" with { type: "json" };
import type { Probe } from "./probe/probe.ts";

/** Without these Chromium looks for hosts of its own, which a closed network does not have. */
const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const files = index.vectors.map(({ file }) => Buffer.from(readVector(file)).toString("base64"));
const scratch = mkdtempSync(join(tmpdir(), "immuconfig-wasm-"));

beforeAll(async () => {
  const probes = join(import.meta.dir, "probe");
  for (const [entry, target] of [
    ["process_child.ts", "node"],
    ["page_child.ts", "browser"],
  ] as const) {
    const built = await Bun.build({
      entrypoints: [join(probes, entry)],
      outdir: scratch,
      naming: "[name].mjs",
      target,
    });
    expect(built.success).toBe(true);
  }
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function expectAnswers(probe: Probe): void {
  expect(probe.registryHash).toBe(0xc8c87440);
  expect(probe.version).toBe(1);
  expect(probe.verdicts.length).toBe(index.vectors.length);
  index.vectors.forEach(({ file, layer, error, keyId }, i) => {
    const { fault, offset, signed } = probe.verdicts[i] ?? { fault: "missing" };
    if (layer === "structure") {
      expect([file, fault === "none", offset]).toEqual([file, false, error?.offset]);
    } else {
      expect([file, fault, offset]).toEqual([file, "none", 0]);
      if (keyId !== undefined) expect([file, signed]).toEqual([file, !/^0+$/.test(keyId)]);
    }
  });
}

async function probeProcess(program: string): Promise<Probe> {
  const child = Bun.spawn([program, join(scratch, "process_child.mjs"), WASM_PATH], {
    stdin: Buffer.from(JSON.stringify(files)),
    timeout: 20_000,
  });
  return JSON.parse(await child.stdout.text()) as Probe;
}

describe.skipIf(!existsSync(WASM_PATH))("lib/immuconfig.wasm gives the vectors' answers", () => {
  test("in Bun", async () => {
    expectAnswers(await probeProcess(process.execPath));
  });

  testWith("node")("in Node", async () => {
    expectAnswers(await probeProcess("node"));
  });

  testWith("chromium")(
    "in Chromium",
    async () => {
      using server = Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        routes: {
          "/": new Response('<!doctype html><script type="module" src="/page.mjs"></script>', {
            headers: { "content-type": "text/html" },
          }),
          "/page.mjs": new Response(Bun.file(join(scratch, "page_child.mjs"))),
          "/immuconfig.wasm": new Response(Bun.file(WASM_PATH)),
          "/files.json": Response.json(files),
        },
      });
      const browser = await chromium.launch({
        executablePath: findTool("chromium") ?? "",
        args: CHROMIUM_ARGS,
        timeout: 30_000,
      });
      try {
        const page = await browser.newPage();
        await page.goto(server.url.href);
        await page.waitForFunction("globalThis.probed", undefined, { timeout: 20_000 });
        expectAnswers(JSON.parse(await page.evaluate<string>("globalThis.probed")) as Probe);
      } finally {
        await browser.close();
      }
    },
    60_000,
  );
});

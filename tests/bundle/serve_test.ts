/** A page that Bun.serve bundles, looked at in a real browser, in development and production. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { makeFolder, writeFixtureRecord } from "./support.ts";
import { REPOSITORY } from "../support/repository.ts";

const executablePath = Bun.which("chromium") ?? Bun.which("google-chrome");
const plugin = join(REPOSITORY, "src/bundle/adapters/serve.ts");
const START_MS = 15_000;

describe.skipIf(executablePath === null)("Bun.serve", () => {
  let browser: Browser;
  const folders: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
      timeout: START_MS,
    });
  }, START_MS);

  afterAll(async () => {
    await browser.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** Serves a copy of the page, and gives the text that the browser shows. */
  async function look(mode: string, settings: string): Promise<string | null> {
    const folder = makeFolder();
    folders.push(folder);
    cpSync(join(import.meta.dir, "page"), folder, { recursive: true });
    writeFixtureRecord(folder);
    writeFileSync(join(folder, "bunfig.toml"), settings);
    const server = Bun.spawn([process.execPath, "server.ts", mode], {
      cwd: folder,
      stdout: "pipe",
      timeout: START_MS,
    });
    try {
      const page = await browser.newPage();
      await page.goto(await firstLine(server.stdout), { timeout: START_MS });
      const text = await page.textContent("#flags");
      await page.close();
      return text;
    } finally {
      server.kill();
      await server.exited;
    }
  }

  const withPlugin = `[serve.static]\nplugins = [${JSON.stringify(plugin)}]\n`;

  test.each(["development", "production"])(
    "shows the record's flags in %s",
    async (mode) => {
      expect(await look(mode, withPlugin)).toBe("ON is on, OFF is off, version 1");
    },
    20_000,
  );

  test("without the plugin, every flag is off and there is no Bun.config", async () => {
    expect(await look("production", "")).toBe("ON is off, OFF is off");
  }, 20_000);
});

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const end = text.indexOf("\n");
    if (end !== -1) return text.slice(0, end);
  }
  throw new Error(`the server said only: ${text}`);
}

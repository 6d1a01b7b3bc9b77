/** The note about flags that a plain `bun run` does not have, on a real pseudo-terminal. */

import { beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { writeFiles } from "../support/cli.ts";
import { REPOSITORY } from "../support/repository.ts";
import { writeRecord } from "../bundle/support.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();
const REGISTER = join(REPOSITORY, "src", "register.ts");
const NOTE = 'immuconfig: feature("USED") is false here, and the record says true';
const DAY_S = 86_400;

let cwd: string;
let stamp: string;

beforeEach(() => {
  cwd = temporaryFolder();
  stamp = join(cwd, "node_modules/.cache/immuconfig/feature-note");
  writeRecord(join(cwd, "bunfig.lockb"), {
    USED: { enabled: true },
    UNUSED: { enabled: true },
    OFF: {},
  });
  writeFiles(cwd, {
    "app.ts": 'import { used } from "./lib/used.ts"; console.log(`used ${used}`);\n',
    "lib/used.ts":
      'import { feature } from "bun:bundle";\nexport const used = feature("USED") ? 1 : 0;\n',
    "dist/out.js": 'import { feature } from "bun:bundle"; feature("UNUSED");\n',
    "node_modules/tool/cli.ts": 'console.log("tool");\n',
  });
});

async function onTerminal(
  words: readonly string[] = ["app.ts"],
  env: Record<string, string> = {},
): Promise<string> {
  let shown = "";
  const decoder = new TextDecoder();
  const child = Bun.spawn([BUN, "--preload", REGISTER, ...words], {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    terminal: {
      cols: 300,
      rows: 20,
      data: (_, bytes: Uint8Array) => (shown += decoder.decode(bytes, { stream: true })),
    },
  });
  expect(await child.exited).toBe(0);
  child.terminal?.close();
  return shown;
}

test("is said once a day, of what the sources ask for", async () => {
  const first = await onTerminal();
  expect(first).toContain("used 0");
  expect(first).toContain(NOTE);
  expect(first).not.toContain("UNUSED");
  expect(await onTerminal()).not.toContain("immuconfig:");
  const yesterday = Date.now() / 1000 - DAY_S - 1;
  utimesSync(stamp, yesterday, yesterday);
  expect(await onTerminal()).toContain(NOTE);
});

test.each<[string, string[], Record<string, string>]>([
  ["in production", ["app.ts"], { NODE_ENV: "production" }],
  ["under CI", ["app.ts"], { CI: "true" }],
  ["where Bun has the flags", ["--feature=USED", "--feature=UNUSED", "app.ts"], {}],
  ["where BUN_OPTIONS has them", ["app.ts"], { BUN_OPTIONS: "--feature=USED --feature=UNUSED" }],
  ["in a tool that was installed", ["node_modules/tool/cli.ts"], {}],
])("is not said %s", async (_, words, env) => {
  expect(await onTerminal(words, env)).not.toContain("immuconfig:");
  expect(existsSync(stamp)).toBe(false);
});

test("is not said into a pipe, and a terminal gets it later", async () => {
  const { stdout, stderr } = await run([BUN, "--preload", REGISTER, "app.ts"], { cwd });
  expect({ stdout, stderr }).toEqual({ stdout: "used 0\n", stderr: "" });
  expect(await onTerminal()).toContain(NOTE);
});

test("a program that does not ask Bun hears nothing", async () => {
  writeFiles(cwd, { "lib/used.ts": "export const used = 0;\n" });
  expect(await onTerminal()).not.toContain("immuconfig:");
});

/** The tarballs as others judge them: publint for what a package promises, attw for its types. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packPackages } from "../scripts/pack.ts";
import { PROCESS_TESTS_TIMEOUT_MS } from "./support/cli.ts";
import { buildPackage } from "./support/project.ts";
import { REPOSITORY } from "./support/repository.ts";
import { BUN, run } from "./support/run.ts";
import { useTemporaryFolders } from "./support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
const FOLDERS = [".", "packages/build", "packages/server"];
let tarballs: string[];

beforeAll(async () => {
  await buildPackage();
  tarballs = packPackages(join(temporaryFolder(), "packed"));
});

describe.each(FOLDERS.map((folder, index) => [folder, index] as const))("%s", (folder, index) => {
  test("publint --strict has nothing to say", async () => {
    const tarball = await Bun.file(tarballs[index] ?? "").arrayBuffer();
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test("attw finds the types of every name, from every kind of importer", async () => {
    const attw = join(REPOSITORY, "node_modules", ".bin", "attw");
    // What `require()` gets is ESM, which every Node that we run on can.
    const words = ["--ignore-rules", "cjs-resolves-to-esm", "--format", "json"];
    const ran = await run([BUN, attw, tarballs[index] ?? "", ...words], { timeoutMs: 120_000 });
    expect(ran.exitCode).toBe(0);
    if (folder === "packages/server") return;
    const { problems } = JSON.parse(ran.stdout) as { problems: Record<string, unknown> };
    expect(Object.keys(problems)).toEqual(["CJSResolvesToESM"]);
  });
});

test("immuconfig is small, with the libraries of every platform that are built", () => {
  const tarball = readFileSync(tarballs[0] ?? "");
  expect(tarball.length).toBeLessThan(700_000);
  expect(Bun.gunzipSync(tarball).length).toBeLessThan(2_000_000);
});

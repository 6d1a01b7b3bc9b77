/** Which record a bundler has that is given another root than the folder in which it is started. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeFile } from "../../src/format/file.ts";
import { recordToText } from "../../src/format/record.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { writeFiles, writeRecord } from "./support.ts";

/** Of several builds in one process, on a busy machine. */
const BUILDS_MS_MAX = 60_000;
setDefaultTimeout(2 * BUILDS_MS_MAX);

const temporaryFolder = useTemporaryFolders();
const CHILD = join(import.meta.dir, "children", "root_child.ts");
const APP = `import { feature } from "bun:bundle";
import { config } from "immuconfig";
globalThis.told = feature("OWN") ? "own" : "outer";
if (config.features.OWN !== (globalThis.told === "own")) globalThis.told = "two records";
`;

/** A repository with a record; one of its two workspaces has another, in which the flag is on. */
function makeRepository() {
  const outer = temporaryFolder();
  const payments = join(outer, "packages", "payments");
  const web = join(outer, "packages", "web");
  const elsewhere = temporaryFolder();
  for (const root of [payments, web, elsewhere]) writeFiles(root, { "app.js": APP });
  writeRecord(join(outer, "bunfig.lockb"), { OWN: {} });
  writeRecord(join(payments, "bunfig.lockb"), { OWN: { enabled: true } });
  return { outer, payments, web, elsewhere };
}

interface Build {
  readonly root: string;
  readonly named?: boolean;
  readonly entry?: string;
  readonly options?: { readonly file: string };
}

/** @returns what each output says: "own" or "outer"; or why there is none */
async function build(...given: Parameters<typeof buildAll>): Promise<string[]> {
  return (await buildAll(...given)).told;
}

async function buildAll(
  bundler: string,
  cwd: string,
  builds: readonly Build[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ told: string[]; stderr: string }> {
  const words = [BUN, CHILD, bundler, JSON.stringify(builds)];
  const { exitCode, stdout, stderr } = await run(words, { cwd, env, timeoutMs: BUILDS_MS_MAX });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return { told: JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as string[], stderr };
}

test.each(["Vite", "webpack", "Rspack", "esbuild", "Rolldown"])(
  "%s looks from its root upwards, and then from the working folder",
  async (bundler) => {
    const { outer, payments, web, elsewhere } = makeRepository();
    const named = { file: "bunfig.lockb" };
    const builds = [{ root: payments }, { root: web }, { root: elsewhere }];
    expect(await build(bundler, outer, [...builds, { root: payments, options: named }])).toEqual([
      "own",
      "outer",
      "outer",
      "outer",
    ]);
    // A root above the working folder, too, and a working folder in which there is none.
    expect(await build(bundler, payments, [{ root: web }])).toEqual(["outer"]);
    const [found, lacking] = await build(bundler, elsewhere, [
      { root: payments },
      { root: elsewhere },
    ]);
    expect(found).toBe("own");
    expect(lacking).toContain(`no bunfig.lockb in ${elsewhere} or any folder above`);
  },
);

test("a named file and a pin go before what the root has", async () => {
  const { outer, payments } = makeRepository();
  const builds = [{ root: payments }];
  const named = { IMMUCONFIG_FILE: "bunfig.lockb" };
  expect(await build("esbuild", outer, builds, named)).toEqual(["outer"]);
  const path = join(outer, "bunfig.lockb");
  const record = recordToText(decodeFile(readFileSync(path), () => undefined).record);
  const pin = (pinned: string) => ({ IMMUCONFIG_PIN: `${record}@${pinned}` });
  expect(await build("esbuild", outer, builds, pin(join(payments, "bunfig.lockb")))).toEqual([
    "outer",
  ]);
  // One of the outer record says nothing of another file.
  expect(await build("esbuild", outer, builds, pin(path))).toEqual(["own"]);
});

test.each(["Rollup", "Bun", "Vite", "webpack", "Rspack", "esbuild", "Rolldown"])(
  "%s without a root warns of another record",
  async (bundler) => {
    const { outer, payments, web } = makeRepository();
    const options = { file: "packages/payments/bunfig.lockb" };
    const builds = [{ root: web }, { root: payments }, { root: payments, options }];
    const { told, stderr } = await buildAll(
      bundler,
      outer,
      builds.map((given) => ({ ...given, named: false })),
    );
    expect(told).toEqual(["outer", "outer", "own"]);
    const [warning, ...others] = stderr.split("\n").filter((line) => line.includes("nearer"));
    expect(others).toEqual([]);
    expect(warning).toMatch(
      /packages.payments.app(\.js)? is built with bunfig\.lockb, and packages.payments.bunfig\.lockb is nearer/,
    );
  },
);

test("a bundler without a root warns of none where a variable names the file", async () => {
  const { outer, payments } = makeRepository();
  const builds = [{ root: payments, named: false }];
  const env = { IMMUCONFIG_FILE: "bunfig.lockb" };
  const { told, stderr } = await buildAll("Rolldown", outer, builds, env);
  expect(told).toEqual(["outer"]);
  expect(stderr).not.toContain("nearer");
});

test.each(["Vite", "webpack", "Rspack", "esbuild", "Rolldown"])(
  "%s goes by a root that is given, and warns of none",
  async (bundler) => {
    const { outer, payments, web } = makeRepository();
    const { told, stderr } = await buildAll(bundler, web, [{ root: outer, entry: payments }]);
    expect(told).toEqual(["outer"]);
    expect(stderr).not.toContain("nearer");
  },
);

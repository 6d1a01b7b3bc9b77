/** All bindings give the same answer for a record with as many flags as there can be, and odd names. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FLAG_COUNT_MAX, LIVE_OVERRIDE_COUNT_MAX } from "../src/base/limits.ts";
import { decodeFile, encodeFile, type File } from "../src/format/file.ts";
import { flagSet } from "../src/format/flag_set.ts";
import { recordToText } from "../src/format/record.ts";
import { BUNDLERS } from "./bundle/bundlers.ts";
import { cli } from "./support/cli.ts";
import { PLAIN_FILE } from "./support/config_files.ts";
import { GitClone } from "./support/git_clone.ts";
import { openNativeCores } from "./support/native_cores.ts";
import { buildPackage, makeProject, RUNTIMES } from "./support/project.ts";
import { REPOSITORY } from "./support/repository.ts";
import { BUN, run } from "./support/run.ts";
import { useTemporaryFolders } from "./support/temp.ts";

setDefaultTimeout(180_000);

const temporaryFolder = useTemporaryFolders();

/** Members of every object, words of languages, the shortest name and the longest. */
const SPECIAL = ["constructor", "toString", "valueOf", "default", "class", "a", "Z".repeat(60)];
const NAMES = Array.from(
  { length: FLAG_COUNT_MAX },
  (_, bit) =>
    SPECIAL[bit] ??
    [`new-checkout-${bit}`, `payments.v${bit}`, `Debug${bit}`, `x_.-${bit}`, `F${bit}`][bit % 5] ??
    "",
);
const FILE: File = {
  ...PLAIN_FILE,
  record: {
    ...PLAIN_FILE.record,
    featureFlags: flagSet(NAMES.flatMap((_, bit) => (bit % 2 === 0 ? bit : []))),
  },
  flags: NAMES.map((name, bit) => ({ bit, name })),
};
const FEATURES = Object.fromEntries(NAMES.map((name, bit) => [name, bit % 2 === 0]));
const ON = NAMES.filter((_, bit) => bit % 2 === 0);
const TEXT = recordToText(FILE.record);
/** The other half. */
const OTHER: File = {
  ...FILE,
  record: {
    ...FILE.record,
    featureFlags: flagSet(NAMES.flatMap((_, bit) => (bit % 2 === 0 ? [] : bit))),
  },
};

beforeAll(buildPackage);

function newProject(): string {
  const folder = temporaryFolder();
  makeProject(folder, FILE);
  return folder;
}

/** Runs a program that prints JSON. */
async function ask(runtime: string, cwd: string, source: string, ...options: string[]) {
  const path = join(cwd, "program.mjs");
  writeFileSync(path, source);
  const env = { HOME: cwd, IMMUCONFIG_RUNTIME_DIR: join(cwd, "runtime") };
  const { stdout, stderr } = await run([runtime, ...options, path], {
    cwd,
    env,
    timeoutMs: 60_000,
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

const PRINT = 'import { config } from "immuconfig"; console.log(JSON.stringify(config.features));';

describe.each(RUNTIMES)("under %s", (name, runtime) => {
  test("the frozen view has every flag, and the record's text", async () => {
    const cwd = newProject();
    expect(await ask(runtime, cwd, PRINT)).toEqual(FEATURES);
    const source =
      'import { config } from "immuconfig"; console.log(JSON.stringify(config.record));';
    expect(await ask(runtime, cwd, source)).toBe(TEXT);
  });

  test("a child and a worker see the record that was pinned, not the file's", async () => {
    const cwd = newProject();
    writeFileSync(join(cwd, "child.mjs"), PRINT);
    writeFileSync(
      join(cwd, "worker.mjs"),
      `import { config } from "immuconfig"; import { parentPort } from "node:worker_threads";
       parentPort.postMessage(config.features);`,
    );
    const answer = await ask(
      runtime,
      cwd,
      `import "immuconfig";
       import { execFileSync } from "node:child_process";
       import { writeFileSync } from "node:fs";
       import { Worker } from "node:worker_threads";
       writeFileSync("bunfig.lockb", ${JSON.stringify(Buffer.from(encodeFile(OTHER)).toString("base64"))}, "base64");
       const child = JSON.parse(execFileSync(process.execPath, ["child.mjs"]).toString());
       const worker = new Worker("./worker.mjs");
       const inWorker = await new Promise((resolve) => worker.once("message", resolve));
       const pin = process.env.IMMUCONFIG_PIN.split("@")[0];
       console.log(JSON.stringify({ child, inWorker, pin }));`,
    );
    expect(answer).toEqual({ child: FEATURES, inWorker: FEATURES, pin: TEXT });
  });

  test("the native core has every flag by bit and by name", async () => {
    const cwd = newProject();
    const answer = await ask(
      runtime,
      cwd,
      `import { native } from "immuconfig/native";
       import { readFileSync } from "node:fs";
       const { fault } = native.load(readFileSync("bunfig.lockb"));
       const names = ${JSON.stringify(NAMES)};
       const byName = Object.fromEntries(names.map((name) => [name, native.featureByName(name)]));
       const byBit = Object.fromEntries(names.map((name, bit) => [name, native.feature(bit)]));
       console.log(JSON.stringify({ fault, byName, byBit, backend: native.backend }));`,
    );
    const backend = name === "Bun" ? "ffi" : "addon";
    expect(answer).toEqual({ fault: "none", byName: FEATURES, byBit: FEATURES, backend });
  });

  test("live flags begin as the record's, and take as many overrides as there is room for", async () => {
    const cwd = newProject();
    const flipped = ON.slice(0, LIVE_OVERRIDE_COUNT_MAX);
    const source = `import { live } from "immuconfig/live";
      console.log(JSON.stringify({ ...live.features })); live.close();`;
    expect(await ask(runtime, cwd, source)).toEqual(FEATURES);
    await ask(
      BUN,
      cwd,
      `import { setOverride } from ${JSON.stringify(join(REPOSITORY, "src/live/writer.ts"))};
       for (const name of ${JSON.stringify(flipped)}) {
         await setOverride("bunfig.lockb", name, false, { env: process.env, forMs: 600_000 });
       }
       console.log("true");`,
    );
    const off = Object.fromEntries(flipped.map((flag) => [flag, false]));
    expect(await ask(runtime, cwd, source)).toEqual({ ...FEATURES, ...off });
  });
});

test("Bun.config has every flag", async () => {
  const cwd = newProject();
  const source = "console.log(JSON.stringify(Bun.config.features));";
  expect(await ask(BUN, cwd, source, "--preload", "immuconfig/register")).toEqual(FEATURES);
});

test.each(openNativeCores().map((core) => [core.backend, core] as const))(
  "%s finds the file whole, and every bit of its flags counts",
  (_, core) => {
    const bytes = encodeFile(FILE);
    expect(core.verify(bytes).fault).toBe("none");
    const end = 108 + 8 + 124;
    for (let at = 108; at < end; at++) {
      expect([at, core.verify(bytes.with(at, (bytes[at] ?? 0) ^ 1)).fault]).not.toEqual([
        at,
        "none",
      ]);
    }
  },
);

/** A program of one condition for each flag. */
const ENTRY = `import { feature } from "bun:bundle";
  const on: string[] = [];
  ${NAMES.map((name) => `if (feature("${name}")) on.push("${name}");`).join("\n")}
  console.log(JSON.stringify(on));`;

test.each(BUNDLERS.map((bundler) => [bundler.name, bundler] as const))(
  "%s builds every flag in",
  async (_, { build }) => {
    const root = newProject();
    const entry = join(root, "entry", "main.ts");
    mkdirSync(join(root, "entry"));
    writeFileSync(entry, ENTRY);
    const outdir = join(root, "out");
    const options = { file: join(root, "bunfig.lockb") };
    await build({ entries: { entry }, root, outdir, options });
    const output = join(outdir, "entry.mjs");
    expect(JSON.parse((await run([BUN, output], { cwd: root })).stdout)).toEqual(ON);
    const text = readFileSync(output, "utf8");
    expect(NAMES.filter((name, bit) => bit % 2 === 1 && text.includes(`"${name}"`))).toEqual([]);
  },
);

test("an executable has every flag, and says its record", async () => {
  const cwd = newProject();
  writeFileSync(
    join(cwd, "entry.ts"),
    `${ENTRY}\nconsole.error(Bun.config.features["payments.v11"]);`,
  );
  const built = await cli(["build", "entry.ts", "--compile", "--outfile", "program"], {
    cwd,
    timeoutMs: 120_000,
  });
  expect([built.exitCode, built.stderr]).toEqual([0, expect.any(String)]);
  const { stdout, stderr } = await run([join(cwd, "program")], { cwd: temporaryFolder() });
  expect([JSON.parse(stdout), stderr]).toEqual([ON, "false\n"]);
  expect((await cli(["verify", "program"], { cwd })).stdout).toContain(TEXT);
});

test("the commands read and change every kind of name", async () => {
  const cwd = newProject();
  const all = await cli(["get", "--json"], { cwd });
  expect(JSON.parse(all.stdout)).toMatchObject({ features: FEATURES, record: TEXT });
  for (const name of [...SPECIAL, "new-checkout-1020", "payments.v1021", "x_.-1023"]) {
    expect([name, (await cli(["get", `features.${name}`], { cwd })).stdout]).toEqual([
      name,
      `${FEATURES[name]}\n`,
    ]);
  }
  await cli(["feature", "enable", "x_.-1023"], { cwd });
  await cli(["feature", "disable", "new-checkout-1020"], { cwd });
  const { record } = decodeFile(readFileSync(join(cwd, "bunfig.lockb")), () => undefined);
  const changed = flagSet([1020, 1023]);
  expect(record.featureFlags).toBe(FILE.record.featureFlags ^ changed);
});

test("git merges what two branches switched", () => {
  const clone = GitClone.withFile();
  try {
    writeFileSync(clone.file, encodeFile(FILE));
    clone.commit("a thousand flags");
    clone.branch("theirs", ["feature", "enable", "x_.-1023"]);
    clone.cli("feature", "disable", "new-checkout-1020");
    clone.commit("ours");
    clone.git("merge", "--quiet", "--no-edit", "theirs");
    expect(clone.read().record.featureFlags).toBe(FILE.record.featureFlags ^ flagSet([1020, 1023]));
  } finally {
    clone.remove();
  }
});

test("the types name every flag, and no other", async () => {
  const cwd = newProject();
  const types = join(REPOSITORY, "node_modules", "@types");
  // What `Bun.config` belongs to.
  mkdirSync(join(cwd, "node_modules", "@types"), { recursive: true });
  symlinkSync(join(types, "bun"), join(cwd, "node_modules", "@types", "bun"));
  expect((await cli(["types"], { cwd })).exitCode).toBe(0);
  writeFileSync(
    join(cwd, "uses.ts"),
    `import { config } from "immuconfig";
     import { feature } from "bun:bundle";
     export const all: boolean[] = [${NAMES.map((name) => `config.features["${name}"]`).join()}];
     export const global: boolean = Bun.config.features["payments.v1021"];
     if (feature("x_.-1023")) console.log(all);
     // @ts-expect-error -- there is no such flag
     export const none: boolean = config.features["x_.-1024"];\n`,
  );
  const tsc = join(REPOSITORY, "node_modules", ".bin", "tsc");
  const words = ["--noEmit", "--strict", "--target", "esnext", "--module", "preserve"];
  const { exitCode, stdout } = await run(
    [tsc, ...words, "--typeRoots", types, "--types", "bun", "uses.ts", "immuconfig-env.d.ts"],
    { cwd, timeoutMs: 120_000 },
  );
  expect([exitCode, stdout]).toEqual([0, ""]);
});

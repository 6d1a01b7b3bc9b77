/** The three packages, packed and installed: what each brings, and what happens where one is not there. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import manifest from "../package.json" with { type: "json" };
import build from "../packages/build/package.json" with { type: "json" };
import server from "../packages/server/package.json" with { type: "json" };
import { packPackages } from "../scripts/pack.ts";
import { NO_HOME, PROCESS_TESTS_TIMEOUT_MS } from "./support/cli.ts";
import { buildPackage } from "./support/project.ts";
import { REPOSITORY } from "./support/repository.ts";
import { BUN, run, type RunResult } from "./support/run.ts";
import { useTemporaryFolders } from "./support/temp.ts";
import { requireTool, testWith } from "./support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
const { version } = manifest;
/** The folders of what is packed: immuconfig's, and those of the others. */
const packed: { immuconfig: string; build: string; server: string } = {
  immuconfig: "",
  build: "",
  server: "",
};

beforeAll(async () => {
  await buildPackage();
  const tarballs = packPackages(join(temporaryFolder(), "packed"));
  for (const [i, name] of (["immuconfig", "build", "server"] as const).entries()) {
    const folder = temporaryFolder();
    await run(["tar", "-xzf", tarballs[i] ?? "", "-C", folder]);
    packed[name] = join(folder, "package");
  }
});

/** A project with copies of packages in its node_modules. */
async function projectWith(...names: (keyof typeof packed)[]): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules", "@immuconfig"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"name":"p","type":"module"}');
  for (const name of names) {
    const place = name === "immuconfig" ? name : join("@immuconfig", name);
    await run(["cp", "-r", packed[name], join(folder, "node_modules", place)]);
  }
  return folder;
}

function immuconfig(
  folder: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  const entry = join(folder, "node_modules", "immuconfig", "dist", "cli", "config.js");
  return run([BUN, entry, ...words], { cwd: folder, env: { HOME: NO_HOME, ...env } });
}

/** What the files of a package import that is neither theirs nor a runtime's. */
function importedBy(folder: string): string[] {
  const transpiler = new Bun.Transpiler({ loader: "js" });
  const names = [...new Glob("dist/**/*.js").scanSync(folder)].flatMap((file) => {
    // The launcher's first line is a shell's.
    const text = readFileSync(join(folder, file), "utf8").replace(/^#!.*/, "");
    const spelled = text.replaceAll("import.meta.require(", "require(");
    return transpiler.scanImports(spelled).map(({ path }) => path);
  });
  const builtin = new Set(["bun", ...process.getBuiltinModule("node:module").builtinModules]);
  const packages = names
    .filter((name) => !/^[./]|^(?:node|bun):/.test(name) && !builtin.has(name))
    .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  return [...new Set(packages)].toSorted();
}

describe("what a package holds", () => {
  test("immuconfig depends on nothing", () => {
    expect(Object.keys(manifest)).not.toContain("dependencies");
    // The doors.
    expect(importedBy(packed.immuconfig)).toEqual(["@immuconfig/build"]);
  });

  test.each([
    ["build", build],
    ["server", server],
  ] as const)("@immuconfig/%s imports what it names", (name, { dependencies }) => {
    expect(importedBy(packed[name])).toEqual(Object.keys(dependencies).toSorted());
    for (const [dependency, range] of Object.entries(dependencies)) {
      // The versions that the tests run with.
      expect<string | undefined>(range).toBe(
        (manifest.devDependencies as Record<string, string>)[dependency],
      );
    }
  });

  test("all are of one version, and are made for immuconfig of that", () => {
    for (const each of [build, server]) {
      expect(each.version).toBe(version);
      expect(each.peerDependencies).toEqual({ immuconfig: version });
      expect(each.engines).toEqual(manifest.engines);
    }
    for (const folder of Object.values(packed)) {
      expect(readdirSync(folder)).toContain("LICENSE");
    }
  });
});

/** Of the first test of RFC 8032. */
const KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

const NEEDED: [line: string, name: "build" | "server"][] = [
  ["build app.ts", "build"],
  ["check", "build"],
  ["ledger app.ts", "build"],
  ["prove DEBUG app.ts", "build"],
  ["matrix app.ts", "build"],
  ["upgrade --check", "build"],
  ["rollback", "build"],
  ["feature retire DEBUG", "build"],
  ["build --help", "build"],
  ["serve", "server"],
  [`agent --nats nats://127.0.0.1:1 --project shop --env live --online-key ${KEY}`, "server"],
];

describe("where only immuconfig is installed", () => {
  test.each(NEEDED)("%s says what to add", async (line, name) => {
    const folder = await projectWith("immuconfig");
    await immuconfig(folder, ["bootstrap"]);
    const added = name === "build" ? "-d @immuconfig/build" : "@immuconfig/server";
    const { exitCode, stderr } = await immuconfig(folder, line.split(" "));
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 3 });
    expect(stderr).toContain(`@immuconfig/${name}`);
    expect(stderr).toContain(`Add it: bun add ${added}@${version}\n`);
  });

  test("a flag is taken out of use where no source is to be read", async () => {
    const folder = await projectWith("immuconfig");
    await immuconfig(folder, ["bootstrap"]);
    const mark = ["feature", "retire", "DEBUG", "--mark-only"];
    const { stdout } = await immuconfig(folder, [...mark, "--dry-run"]);
    expect(stdout).toBe("would retire DEBUG\n");
    expect((await immuconfig(folder, mark)).stdout).toContain("DEBUG retired in");
    const listed = await immuconfig(folder, ["feature", "list"]);
    expect(listed.stdout).toMatch(/ retired {2}DEBUG\n/);
  });

  test("the words are those of the package manager that runs the command", async () => {
    const folder = await projectWith("immuconfig");
    for (const [agent, words] of [
      ["npm/11.0.0 node/v24.0.0 linux x64", "npm install -D"],
      ["pnpm/11.0.0 npm/? node/v24.0.0 linux x64", "pnpm add -D"],
      ["yarn/4.0.0 npm/? node/v24.0.0 linux x64", "yarn add -D"],
      ["bun/1.4.5 npm/? node/v24.0.0 linux x64", "bun add -d"],
      ["evil", "bun add -d"],
    ] as const) {
      const { stderr } = await immuconfig(folder, ["check"], { npm_config_user_agent: agent });
      expect(stderr).toContain(`Add it: ${words} @immuconfig/build@${version}\n`);
    }
  });

  test("completions know what each command does", async () => {
    const folder = await projectWith("immuconfig");
    const { exitCode, stdout, stderr } = await immuconfig(folder, ["completions", "bash"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain(" ledger prove ");
  });

  testWith("node")("an adapter's import fails, and names the package", async () => {
    const folder = await projectWith("immuconfig");
    writeFileSync(join(folder, "a.mjs"), 'import { immuconfig } from "immuconfig/vite";\n');
    const { exitCode, stderr } = await run([requireTool("node"), "a.mjs"], { cwd: folder });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("ERR_MODULE_NOT_FOUND");
    expect(stderr).toContain("'@immuconfig/build'");
  });
});

describe("where the others are installed", () => {
  const app = 'import { feature } from "bun:bundle";\nif (feature("DEBUG")) console.log(1);\n';

  test("the commands run, and their errors are ours", async () => {
    const folder = await projectWith("immuconfig", "build", "server");
    for (const name of Object.keys({ ...build.dependencies, ...server.dependencies })) {
      const place = join(folder, "node_modules", name);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(join(REPOSITORY, "node_modules", name), place);
    }
    writeFileSync(join(folder, "app.ts"), app);
    writeFileSync(join(folder, "wrong.ts"), app.replace("(feature", "(feature || feature"));
    await immuconfig(folder, ["bootstrap"]);
    for (const line of ["build app.ts --outdir out", "ledger app.ts", "prove DEBUG app.ts"]) {
      const { exitCode, stderr } = await immuconfig(folder, line.split(" "));
      expect({ line, exitCode, stderr }).toMatchObject({ exitCode: 0 });
    }
    const wrong = await immuconfig(folder, ["build", "wrong.ts", "--outdir", "out"]);
    expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("[alias]") });
    const missing = await immuconfig(folder, ["build", "--file", "none.lockb", "app.ts"]);
    expect(missing.exitCode).toBe(3);
    const serve = await immuconfig(folder, ["serve", "--help"]);
    expect(serve).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("--port") });
  });

  test("another release is refused", async () => {
    const folder = await projectWith("immuconfig", "build");
    const path = join(folder, "node_modules", "@immuconfig", "build", "package.json");
    writeFileSync(path, readFileSync(path, "utf8").replace(`"${version}"`, '"0.0.9"'));
    const { exitCode, stderr } = await immuconfig(folder, ["check"]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
    expect(stderr).toContain(`is of version 0.0.9, and`);
  });

  test("one that is not whole is not taken for a mistake of the user", async () => {
    const folder = await projectWith("immuconfig", "build");
    mkdirSync(join(folder, "node_modules", "magic-string"));
    const { exitCode, stderr } = await immuconfig(folder, ["check"]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 3 });
    expect(stderr).toContain("@immuconfig/build is not whole");
  });

  test("nor is immuconfig itself", async () => {
    const folder = await projectWith("immuconfig");
    rmSync(join(folder, "node_modules", "immuconfig", "dist", "cli", "commands", "git", "log.js"));
    const { exitCode, stderr } = await immuconfig(folder, ["log"]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 3 });
    expect(stderr).toContain("immuconfig is not whole: Cannot find module");
    expect(stderr).toContain("Install it again.");
  });
});

test.skipIf(process.geteuid?.() !== 0)("what another user put above does not count", async () => {
  const above = temporaryFolder();
  const folder = join(above, "run");
  await run(["cp", "-r", await projectWith("immuconfig"), folder]);
  const evil = join(above, "node_modules", "@immuconfig", "build");
  const mark = join(above, "mark");
  mkdirSync(join(evil, "dist", "cli"), { recursive: true });
  writeFileSync(join(evil, "package.json"), JSON.stringify({ version }));
  writeFileSync(
    join(evil, "dist", "cli", "build_commands.js"),
    `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");`,
  );
  const { exitCode: chowned } = await run(["chown", "-R", "12345", join(above, "node_modules")]);
  expect(chowned).toBe(0);
  expect((await immuconfig(folder, ["check"])).exitCode).toBe(3);
  expect(readdirSync(above)).not.toContain("mark");
  await run(["chown", "-R", "0", join(above, "node_modules")]);
  await immuconfig(folder, ["check"]);
  expect(readdirSync(above)).toContain("mark");
});

/** `doctor` judges what is in force, in every folder; `--run` starts it, `--fix` mends it. */

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PRELOAD } from "../../src/cli/commands/setup/project/bunfig_toml.ts";
import {
  command,
  NO_HOME,
  pathWithBun,
  PROCESS_TESTS_TIMEOUT_MS,
  writeFiles,
} from "../support/cli.ts";
import { buildPackage } from "../support/project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

setDefaultTimeout(2 * PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

/** A workspace with a package, set up by init and types. */
async function workspace(): Promise<string> {
  const folder = temporaryFolder();
  writeFiles(folder, {
    "package.json":
      '{"private":true,"workspaces":["apps/*"],"dependencies":{"immuconfig":"0.1.0"}}',
    "apps/api/package.json": '{"name":"api","private":true}',
    "apps/api/tsconfig.json":
      '{"compilerOptions":{"noEmit":true,"module":"ESNext","moduleResolution":"bundler"},"include":["src"]}',
    "apps/api/src/i.ts": "export {};\n",
  });
  mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
  for (const name of ["immuconfig", "typescript"]) {
    const target = name === "immuconfig" ? REPOSITORY : join(REPOSITORY, "node_modules", name);
    symlinkSync(target, join(folder, "node_modules", name));
  }
  symlinkSync("../typescript/bin/tsc", join(folder, "node_modules", ".bin", "tsc"));
  await doctor(folder, "init", "--yes", "--registry", "https://registry.example.test");
  await doctor(folder, "types");
  return folder;
}

async function doctor(cwd: string, ...words: string[]) {
  const [name = "doctor"] = words;
  const isDoctor = name.startsWith("--") || words.length === 0;
  return command(isDoctor ? ["doctor", ...words] : words, { cwd, env: { PATH: pathWithBun() } });
}

test("from a package's folder too, it says where Bun and TypeScript read nothing", async () => {
  const root = await workspace();
  for (const cwd of [root, join(root, "apps", "api")]) {
    const { stdout } = await doctor(cwd);
    expect(stdout).toContain("programs started in apps/api do not have Bun.config");
    expect(stdout).toContain("does not read the flags with apps/api/tsconfig.json");
    const [, out = ""] = /bun-config types --out (.+)/.exec(stdout) ?? [];
    expect(join(cwd, out)).toBe(join(root, "apps", "api", "src", "immuconfig-env.d.ts"));
  }
  await doctor(root, "types", "--out", "apps/api/src/immuconfig-env.d.ts");
  writeFiles(root, { "apps/api/bunfig.toml": `preload = ["../../${PRELOAD.slice(2)}"]\n` });
  const { stdout } = await doctor(root);
  expect(stdout).not.toContain("do not have Bun.config");
  expect(stdout).toContain("TypeScript reads the flags with apps/api/tsconfig.json");
});

test("many folders are one finding, and a root that reads some folders alone is told", async () => {
  const root = temporaryFolder();
  const packages = Array.from({ length: 9 }, (_, index) => `p/${index}`);
  writeFiles(root, {
    "package.json": "{}",
    "tsconfig.json": '{"include":["lib"]}',
    "pnpm-workspace.yaml": "packages:\r\n  - 'p/*' # all\r\n",
    ...Object.fromEntries(packages.map((name) => [`${name}/package.json`, "{}"])),
    ...Object.fromEntries(packages.map((name) => [`${name}/tsconfig.json`, '{"include":["x"]}'])),
  });
  await doctor(root, "bootstrap", "--registry", "https://registry.example.test");
  await doctor(root, "types");
  const { stdout } = await doctor(root);
  expect(stdout).toContain(
    "with tsconfig.json, p/0/tsconfig.json, p/1/tsconfig.json, p/2/tsconfig.json, p/3/tsconfig.json and 5 more",
  );
  expect(stdout).toContain('Add immuconfig-env.d.ts to "include" of tsconfig.json');
});

test("--run starts programs, an executable and tsc, and says what they see", async () => {
  const root = await workspace();
  const text = await doctor(root, "--run");
  expect(text.stdout).toContain(`a program in ${root} has Bun.config, with this record`);
  expect(text.stdout).toContain("an executable of `bun build --compile` starts here");
  expect(text.stdout).toContain("apps/api/tsconfig.json: TypeScript does not read the flags");
  expect(text.stdout).toMatch(/fail +run: Bun asks \S+, and the record says/);
  await doctor(root, "types", "--out", "apps/api/src/immuconfig-env.d.ts");
  const bunfig = join(root, "bunfig.toml");
  writeFileSync(bunfig, readFileSync(bunfig, "utf8").replaceAll(PRELOAD, "immuconfig/register"));
  writeFiles(root, { ".npmrc": "registry=https://registry.example.test/\n" });
  const byName = await doctor(root, "--run");
  expect(byName.exitCode).toBe(1);
  expect(byName.stdout).toContain("Bun asks https://registry.example.test, by its own request");
  expect(byName.stdout).toContain("apps/api/tsconfig.json: TypeScript reads the flags");
  expect(byName.stdout).toContain("an executable of `bun build --compile` does not start here");
});

testWith("git")("--fix mends what needs no decision, and nothing else", async () => {
  const root = await workspace();
  const git = (...words: string[]) => run(["git", ...words], { cwd: root, env: { HOME: NO_HOME } });
  await git("init", "--quiet");
  await git("add", "--all");
  writeFiles(root, {
    "bunfig.lockb.txt": "not true\n",
    "immuconfig-env.d.ts": "// Written by `bun-config types` from x.\n",
    ".gitattributes": "*.png binary\n",
    "bunfig.toml": 'preload = ["immuconfig/register"]\n',
    ".bunfig.lockb.new": "left",
    "package.json": '{"private":true,"dependencies":{"immuconfig":"0.1.0"}}',
  });
  const before = await doctor(root);
  expect(before.exitCode).toBe(1);
  const { stdout, exitCode } = await doctor(root, "--fix", "--json");
  const { fixed, checks } = JSON.parse(stdout);
  expect(fixed.map((line: string) => line.split(":", 1)[0]).toSorted()).toEqual([
    "git",
    "git",
    "leftovers",
    "preload",
    "preload",
    "registry",
    "scripts",
    "text twin",
    "types",
  ]);
  expect(checks.filter(({ level }: { level: string }) => level !== "ok")).toEqual([]);
  expect(exitCode).toBe(0);
  expect(readFileSync(join(root, ".gitattributes"), "utf8")).toStartWith("*.png binary\n");
  await git("add", "--all");
  expect((await doctor(root, "--run")).stdout).toContain("git shows bunfig.lockb in words");
});

/** `init` in projects as they are found: what it adds breaks nothing, and every byte comes back. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
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
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
const DEPENDS = '{"name":"shop","private":true,"dependencies":{"immuconfig":"0.1.0"}}';

beforeAll(buildPackage);

function project(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  writeFiles(folder, { "package.json": DEPENDS, ...files });
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(REPOSITORY, join(folder, "node_modules", "immuconfig"));
  return folder;
}

async function init(cwd: string, ...words: string[]) {
  const result = await command(["init", "--yes", ...words], { cwd });
  if (result.exitCode !== 0) throw new Error(result.stdout + result.stderr);
  return result.stdout;
}

/** Every file outside node_modules, by its path. A recursive `readdirSync` would follow the link in there. */
function contents(folder: string): Record<string, string> {
  const visit = (relative: string): [string, string][] =>
    readdirSync(join(folder, relative), { withFileTypes: true })
      .filter((entry) => entry.name !== "node_modules")
      .flatMap((entry) => {
        const path = join(relative, entry.name);
        if (entry.isDirectory()) return visit(path);
        return entry.isFile() ? [[path, readFileSync(join(folder, path), "latin1")]] : [];
      });
  return Object.fromEntries(visit(""));
}

describe("--undo --purge gives back every byte", () => {
  test.each<[string, Record<string, string>]>([
    ["empty lists", { "bunfig.toml": "preload = []\n[test]\npreload = []\n" }],
    ["an empty table", { "bunfig.toml": "[install]\nexact = true\n[test]\n" }],
    ["an empty bunfig.toml", { "bunfig.toml": "" }],
    ["an empty .gitattributes", { ".gitattributes": "" }],
    ["no scripts", { "package.json": DEPENDS }],
    ["empty scripts", { "package.json": DEPENDS.replace("{", '{"scripts":{},') }],
    [
      "an empty postinstall",
      { "package.json": DEPENDS.replace("{", '{"scripts":{"postinstall":""},') },
    ],
    [
      "scripts, wrapped",
      {
        "package.json": DEPENDS.replace(
          "{",
          '{"scripts":{"dev":"bun \\u0061pp.ts","lint":"x && bun y.ts"},',
        ),
      },
    ],
    ["a byte order mark", { "bunfig.toml": '\uFEFF[test]\npreload = ["./t.ts"]\n' }],
    ["Turborepo", { "turbo.json": '{\n  "tasks": {},\n  "globalEnv": ["CI"]\n}\n' }],
    ["comments", { "package.json": '{\n  // ours\n  "private": true,\n}\n' }],
  ])("%s", async (_, files) => {
    const cwd = project(files);
    const before = contents(cwd);
    await init(cwd, "--wrap", "--registry", "https://registry.example.test");
    expect(contents(cwd)).not.toEqual(before);
    await init(cwd, "--undo", "--purge");
    expect(contents(cwd)).toEqual(before);
  });
});

describe("the preload", () => {
  test("leaves executables of `bun build --compile` alone, and programs and tests have it", async () => {
    const tools = temporaryFolder();
    writeFiles(tools, { "tool.ts": 'console.log("tool in", process.cwd());\n' });
    const compile = ["build", "--compile", "tool.ts", "--outfile", "tool"];
    expect((await run([BUN, ...compile], { cwd: tools })).exitCode).toBe(0);
    const cwd = project({
      "app.ts": "console.log(Bun.config.features.DEBUG);\n",
      "app.test.ts":
        'import { expect, test } from "bun:test";\ntest("x", () => expect(Bun.config.version).toBe(1));\n',
    });
    await init(cwd);
    const tool = await run([join(tools, "tool")], { cwd });
    expect([tool.exitCode, tool.stdout, tool.stderr]).toEqual([0, `tool in ${cwd}\n`, ""]);
    expect((await run([BUN, "app.ts"], { cwd })).stdout).toBe("false\n");
    expect((await run([BUN, "test"], { cwd })).exitCode).toBe(0);
  });

  test("is found above, in a package of a workspace", async () => {
    const root = project({
      "package.json": '{"private":true,"workspaces":["apps/*"]}',
      "apps/web/package.json": DEPENDS,
      "apps/web/app.ts": "console.log(Bun.config.version);\n",
    });
    const cwd = join(root, "apps", "web");
    await init(cwd);
    const toml = readFileSync(join(cwd, "bunfig.toml"), "utf8");
    expect(toml).toContain(`"../../${PRELOAD.slice(2)}"`);
    expect((await run([BUN, "app.ts"], { cwd })).stdout).toBe("1\n");
    await init(cwd, "--undo");
    expect(Object.keys(contents(cwd))).not.toContain("bunfig.toml");
  });
});

test("Plug'n'Play has no file to preload, and doctor finds nothing wrong with it", async () => {
  const cwd = temporaryFolder();
  writeFiles(cwd, {
    "package.json": '{"private":true,"workspaces":["apps/*"]}',
    ".pnp.cjs": "",
    "apps/web/package.json": DEPENDS,
  });
  const web = join(cwd, "apps", "web");
  const printed = await init(web, "--file", "bunfig.lockb");
  expect(printed).toContain("note: The preload was left out: Yarn's Plug'n'Play");
  expect(Object.keys(contents(web))).not.toContain("bunfig.toml");
  expect((await command(["doctor"], { cwd: web })).exitCode).toBe(0);
});

test("scripts of a workspace's packages that run Bun without the flags are told", async () => {
  const cwd = project({
    "package.json": DEPENDS.replace("{", '{"workspaces":["packages/*"],'),
    "packages/ui/package.json":
      '{"scripts":{"build":"bun build a.ts","lint":"eslint","test":"bun test"}}',
    "packages/web/package.json": '{"scripts":{"dev":"bun-config exec -- bun app.ts"}}',
  });
  expect(await init(cwd, "--wrap")).toContain(
    'note: feature("NAME") is false in packages/ui: build, packages/ui: test, which run Bun without the flags: put `bun-config exec -- ` in front there.',
  );
});

test("--undo says where immuconfig is still named: a package that is gone would stop it", async () => {
  const cwd = project({
    "package.json": DEPENDS.replace("{", '{"scripts":{"build":"bun-config build a.ts"},'),
    "src/app.ts": 'import { config } from "immuconfig";\n',
    "src/other.ts": "// immuconfig is not imported\n",
  });
  await init(cwd);
  const path = join(cwd, "bunfig.toml");
  const toml = readFileSync(path, "utf8");
  const [before = "", after = ""] = toml.split("[test]");
  const list = after.replace(/= (".*")/, '= [$1, "immuconfig/testing"]');
  writeFiles(cwd, { "bunfig.toml": `${before}[test]${list}` });
  const printed = await init(cwd, "--undo", "--purge");
  expect(printed).toContain(
    "note: Take immuconfig out of what still names it, before the package: bunfig.toml, package.json, src/app.ts.",
  );
  writeFiles(cwd, { "bunfig.toml": "", "package.json": DEPENDS, "src/app.ts": "" });
  expect(await init(cwd, "--undo")).not.toContain("what still names it");
});

test("a bunfig.toml that init cannot edit: doctor says what to add, and sends nobody back", async () => {
  const deep = `a = ${"[".repeat(100)}${"]".repeat(100)}\n`;
  const cwd = project({ "bunfig.toml": `preload = ["${PRELOAD}"]\n${deep}` });
  expect(await init(cwd)).toContain(`Put "${PRELOAD}" first into preload under [test]`);
  const { stdout } = await command(["doctor"], { cwd });
  expect(stdout).toContain(`Put "${PRELOAD}" first into preload under [test]`);
  expect(stdout).not.toMatch(/preload.*\n.*bun-config init/);
});

describe("scripts", () => {
  const scripts = {
    dev: "bun --watch app.ts",
    build: "bun build app.ts --feature=NEW_CART --feature BETA",
    "build:beta": "bun build app.ts --feature=BETA",
    add: "bun add x",
    typecheck: "bun check",
    both: "bun a.ts && bun b.ts",
    run: "bun run dev",
    vite: "vite",
  };
  const files = { "package.json": JSON.stringify({ private: true, scripts }) };

  test("their flags are adopted: on where every script with flags has them", async () => {
    const cwd = project(files);
    const output = await init(cwd);
    expect(output).toContain("NEW_CART, which build hands to Bun");
    const { stdout } = await command(["get", "features", "--json"], { cwd });
    expect(JSON.parse(stdout)).toEqual({ DEBUG: false, NEW_CART: false, BETA: true });
  });

  test("that run Bun are offered the flags, and get them with --wrap", async () => {
    const cwd = project({
      ...files,
      "app.ts":
        'import { feature } from "bun:bundle";\nconsole.log(feature("DEBUG") ? "on" : "off");\n',
    });
    expect(await init(cwd)).toContain("is false in dev, build, build:beta, which run Bun without");
    const one = project({ "package.json": '{"scripts": {"start": "bun app.ts"}}' });
    expect(await init(one)).toContain("is false in start, which runs Bun without");
    expect(JSON.parse(contents(cwd)["package.json"] ?? "").scripts).toMatchObject(scripts);
    expect(await init(cwd, "--wrap")).not.toContain("is false in");
    const { dev, add, both, run: other } = JSON.parse(contents(cwd)["package.json"] ?? "").scripts;
    expect([add, both, other]).toEqual([scripts.add, scripts.both, scripts.run]);
    expect(dev).toMatch(/^bun-config exec -- +bun --watch app\.ts$/);
    await command(["feature", "enable", "DEBUG"], { cwd });
    const program = dev
      .replace("--watch ", "")
      .replace("bun-config", `${BUN} ${REPOSITORY}/dist/cli/config.js`);
    const result = await run(["sh", "-c", program], {
      cwd,
      env: { PATH: pathWithBun(), HOME: NO_HOME },
    });
    expect([result.stdout, result.exitCode]).toEqual(["on\n", 0]);
  });

  test("that set variables first get the wrapper behind these, and every byte back", async () => {
    const text = String.raw`{ "private": true, "scripts": {
      "plain": "SHOP_TIER=gold bun app.ts",
      "twice": "A=1 B='two words' bun test",
      "spelled": "A=\"x y\" \u0042=2  bun build a.ts",
      "cross": "cross-env A=1 bun build a.ts",
      "env": "env A=1 bun app.ts",
      "node": "A=1 node app.js",
      "listing": "SHOP_TIER=gold bun run plain",
      "alone": "A=1"
    } }`;
    const cwd = project({
      "package.json": text,
      "app.ts":
        'import { feature } from "bun:bundle";\nconsole.log(process.env.SHOP_TIER, feature("DEBUG") ? "on" : "off");\n',
    });
    expect(await init(cwd)).toContain("is false in plain, twice, spelled, cross, env, which run");
    expect(await init(cwd, "--wrap")).not.toContain("is false in");
    const { scripts: wrapped } = JSON.parse(contents(cwd)["package.json"] ?? "");
    expect(wrapped).toMatchObject({
      plain: "SHOP_TIER=gold bun-config exec --  bun app.ts",
      twice: "A=1 B='two words' bun-config exec --  bun test",
      spelled: 'A="x y" B=2  bun-config exec --  bun build a.ts',
      cross: "cross-env A=1 bun-config exec --  bun build a.ts",
      env: "env A=1 bun-config exec --  bun app.ts",
      node: "A=1 node app.js",
      listing: "SHOP_TIER=gold bun run plain",
      alone: "A=1",
    });
    await command(["feature", "enable", "DEBUG"], { cwd });
    const program = String(wrapped.plain).replace(
      "bun-config",
      `${BUN} ${REPOSITORY}/dist/cli/config.js`,
    );
    const env = { PATH: pathWithBun(), HOME: NO_HOME };
    const result = await run(["sh", "-c", program], { cwd, env });
    expect([result.stdout, result.exitCode]).toEqual(["gold on\n", 0]);
    await init(cwd, "--undo");
    expect(contents(cwd)["package.json"]).toBe(text);
  });

  test("a package that is published gets no install script", async () => {
    const library = '{"name":"lib","version":"1.0.0","exports":"./index.js"}';
    const cwd = project({ "package.json": library });
    expect(await init(cwd)).toContain("whoever installs it would run its install script");
    expect(contents(cwd)["package.json"]).not.toContain("postinstall");
    await init(cwd, "--postinstall");
    expect(contents(cwd)["package.json"]).toContain("immuconfig/postinstall");
    await init(cwd, "--undo");
    expect(contents(cwd)["package.json"]).toBe(library);
  });
});

test("a binary lockfile holds the install script, and init says what to do", async () => {
  const cwd = temporaryFolder();
  writeFiles(cwd, {
    "package.json": '{"name":"shop","private":true,"dependencies":{"local":"file:./local"}}',
    "local/package.json": '{"name":"local","version":"1.0.0"}',
    "bunfig.toml": "[install]\nsaveTextLockfile = false\n",
  });
  const install = async (...words: string[]) =>
    (await run([BUN, "install", ...words], { cwd, env: { HOME: NO_HOME } })).exitCode;
  expect(await install()).toBe(0);
  expect(readdirSync(cwd)).toContain("bun.lockb");
  expect(await init(cwd)).toContain("bun.lockb holds the project's install scripts, too");
  expect(await install("--frozen-lockfile")).toBe(1);
  expect(await install()).toBe(0);
  expect(await install("--frozen-lockfile")).toBe(0);
  expect(await init(cwd)).not.toContain("bun.lockb");
});

test("check says nothing about the flag that init made, until somebody uses it", async () => {
  const cwd = project({ "app.ts": "export {};\n" });
  await init(cwd);
  expect((await command(["check"], { cwd })).stdout).not.toContain("DEBUG");
  await command(["feature", "enable", "DEBUG"], { cwd });
  expect((await command(["check"], { cwd })).stdout).toContain("DEBUG");
});

test("a package of a workspace is told of the record above, and gets its own by --file", async () => {
  const root = project({ "packages/pay/package.json": DEPENDS, "packages/pay/src/a.ts": "" });
  const cwd = join(root, "packages", "pay");
  expect(await init(root)).not.toContain("counts for");
  const note = (file: string) =>
    `note: ${root}/bunfig.lockb counts for ${cwd}, too. A record of its own: \`bun-config init --file ${file}\`.`;
  expect(await init(cwd)).toBe(`There is nothing to do.\n\n${note("bunfig.lockb")}\n`);
  expect(await init(join(cwd, "src"))).toContain(note("../bunfig.lockb"));
  expect(await init(cwd, "--file", "bunfig.lockb")).toContain(`create ${cwd}/bunfig.lockb\n`);
  expect(await init(cwd)).toBe("There is nothing to do.\n");
});

testWith("git")("a file that git ignores is told, with the line to add", async () => {
  const cwd = project({ ".gitignore": "node_modules\n*.lockb\n" });
  const git = (...words: string[]) => run(["git", ...words], { cwd, env: { HOME: NO_HOME } });
  await git("init", "--quiet");
  const told =
    "git ignores bunfig.lockb by `*.lockb` (.gitignore:2): add `!bunfig.lockb` below it.";
  expect(await init(cwd)).toContain(told);
  expect((await command(["doctor"], { cwd })).stdout).toContain("!bunfig.lockb");
  writeFiles(cwd, { ".gitignore": "node_modules\n*.lockb\n!bunfig.lockb\n" });
  expect((await git("add", "bunfig.lockb")).exitCode).toBe(0);
  expect(await init(cwd)).not.toContain("git ignores");
});

test("Turborepo and Nx: the keys that a flip needs, in init and in doctor", async () => {
  const cwd = project({ "turbo.json": '{"tasks":{}}', "nx.json": "{}" });
  const before = await command(["doctor"], { cwd });
  expect(await init(cwd)).toContain("{workspaceRoot}/bunfig.lockb");
  expect(JSON.parse(contents(cwd)["turbo.json"] ?? "")).toEqual({
    tasks: {},
    globalDependencies: ["bunfig.lockb"],
    globalEnv: ["BUN_OPTIONS", "IMMUCONFIG_*"],
  });
  expect(before.stdout).toContain("Turborepo keeps outputs across a flip");
  const { stdout } = await command(["doctor"], { cwd });
  expect(stdout).toContain("the record is in the keys of Turborepo");
  expect(stdout).toContain("nx.json has no record in the inputs of default");
});

test("Nx reads its default for no target without inputs, and doctor knows it", async () => {
  const cwd = project({});
  await init(cwd);
  const namedInputs = {
    sharedGlobals: ["{workspaceRoot}/bunfig.lockb"],
    default: ["{projectRoot}/**/*", "sharedGlobals"],
    production: ["default", "production"],
  };
  const doctor = async (targetDefaults: object) => {
    writeFiles(cwd, { "nx.json": JSON.stringify({ namedInputs, targetDefaults }) });
    return (await command(["doctor"], { cwd })).stdout;
  };
  const build = { cache: true, inputs: ["production", "^production"] };
  expect(await doctor({ build, serve: {} })).toContain("the record is in Nx's inputs of build\n");
  const half = await doctor({ build, test: { cache: true }, lint: { cache: true, inputs: ["x"] } });
  expect(half).toContain("nx.json has no record in the inputs of test, lint\n");
  expect(half).toContain('"inputs": ["default", "^default"] into test, lint of targetDefaults');
  expect(await doctor({})).toContain("the record is in Nx's inputs of default\n");
});

test.each(["turbo.jsonc", ".config/turbo.json"])("Turborepo's settings in %s", async (path) => {
  const cwd = project({ [path]: '{\n  // ours\n  "tasks": {},\n}\n' });
  const scripts = { turbo: `turbo --root-turbo-json ${path}` };
  if (path.startsWith("."))
    writeFiles(cwd, { "package.json": JSON.stringify({ ...JSON.parse(DEPENDS), scripts }) });
  const before = contents(cwd);
  await init(cwd);
  expect(contents(cwd)[path]).toContain('"globalDependencies": [');
  expect((await command(["doctor"], { cwd })).stdout).toContain("the keys of Turborepo");
  await command(["init", "--undo", "--purge", "--yes"], { cwd });
  expect(contents(cwd)).toEqual(before);
});

/** The packages, as every package manager installs them on Node: without a word, and seen by each other. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { version } from "../package.json";
import { packPackages } from "../scripts/pack.ts";
import { NO_HOME } from "./support/cli.ts";
import { PLAIN_FILE, writeConfigFile } from "./support/config_files.ts";
import { type PackageRegistry, startPackageRegistry } from "./support/package_registry.ts";
import { buildPackage } from "./support/project.ts";
import { REPOSITORY } from "./support/repository.ts";
import { BUN, run, type RunResult } from "./support/run.ts";
import { useTemporaryFolders } from "./support/temp.ts";
import { findTool, requireTool } from "./support/tools.ts";

const INSTALL_TIMEOUT_MS = 120_000;
setDefaultTimeout(2 * INSTALL_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
let registry: PackageRegistry;
/** A folder with `bun` and `node`. */
let programs: string;

beforeAll(async () => {
  await buildPackage();
  registry = await startPackageRegistry(packPackages(join(temporaryFolder(), "packed")));
  programs = temporaryFolder();
  symlinkSync(BUN, join(programs, "bun"));
  symlinkSync(requireTool("node"), join(programs, "node"));
});

afterAll(() => registry.stop());

interface Manager {
  readonly name: string;
  readonly command: readonly string[];
  readonly add: readonly string[];
  readonly addForDevelopment: readonly string[];
  /** What runs a program of the project. */
  readonly node: readonly string[];
  /** What runs a package's command. */
  readonly exec: readonly string[];
  /** The project's files besides package.json. */
  readonly files?: (url: string) => Readonly<Record<string, string>>;
  /** What it says of itself, whatever is installed. */
  readonly own?: RegExp;
  /** Installs what is needed in production, from the lockfile. */
  readonly production?: readonly string[];
  /** There are no folders to look into. */
  readonly isFlat?: boolean;
}

const tool = (path: string): string[] => ["node", join(REPOSITORY, "node_modules", path)];
const YARN_1 = tool("yarn-1/bin/yarn.js");
const YARN_4 = tool("@yarnpkg/cli-dist/bin/yarn.js");
const PNPM = tool("pnpm/bin/pnpm.cjs");
const ADD = { add: ["add"], addForDevelopment: ["add", "-D"], node: ["node"] };

const MANAGERS: readonly Manager[] = [
  {
    ...ADD,
    name: "Bun",
    command: ["bun"],
    exec: ["bun", "x", "--no-install"],
    production: ["install", "--production"],
  },
  {
    ...ADD,
    name: "npm",
    command: ["npm"],
    add: ["install"],
    addForDevelopment: ["install", "-D"],
    exec: ["npm", "exec", "--no", "--"],
    production: ["ci", "--omit=dev"],
  },
  {
    ...ADD,
    name: "pnpm",
    command: PNPM,
    exec: [...PNPM, "exec"],
    production: ["install", "--prod", "--frozen-lockfile"],
  },
  {
    ...ADD,
    name: "Yarn 1",
    command: YARN_1,
    exec: [...YARN_1, "--silent", "run"],
    production: ["install", "--production", "--frozen-lockfile"],
  },
  {
    ...ADD,
    name: "Yarn 4, Plug'n'Play",
    command: YARN_4,
    node: [...YARN_4, "node"],
    exec: [...YARN_4, "run"],
    files: (url) => ({
      "yarn.lock": "",
      ".yarnrc.yml": [
        `npmRegistryServer: "${url}"`,
        'unsafeHttpWhitelist: ["127.0.0.1"]',
        "enableTelemetry: false",
        "enableGlobalCache: false",
        "",
      ].join("\n"),
    }),
    // Progress, what was added, and that its support of ES modules is young.
    own: /YN00(?:00|13|85|92):/,
    isFlat: true,
  },
];

/** A project of a package manager, with settings of its own. */
function makeProject({ files }: Manager): string {
  const folder = temporaryFolder();
  const all = {
    "package.json":
      '{ "name": "shop", "version": "1.0.0", "license": "MIT", "private": true, "type": "module" }\n',
    ".npmrc": `registry=${registry.url}\n`,
    "bunfig.toml": `[install]\nregistry = "${registry.url}"\n`,
    "app.mjs": `import { config } from "immuconfig";
      import { live } from "immuconfig/live";
      import { native } from "immuconfig/native";
      console.log(config.record, live.generation, native.backend);`,
    "adapter.mjs": `import { immuconfig } from "immuconfig/vite"; console.log(immuconfig().length > 0);`,
    "app.ts": 'import { feature } from "bun:bundle";\nif (feature("DEBUG")) console.log(1);\n',
    ...files?.(registry.url),
  };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  writeConfigFile(folder, PLAIN_FILE);
  return folder;
}

function runIn(folder: string, command: readonly string[]): Promise<RunResult> {
  const home = join(folder, ".home");
  mkdirSync(home, { recursive: true });
  const npm = dirname(findTool("npm") ?? NO_HOME);
  return run(command, {
    cwd: folder,
    timeoutMs: INSTALL_TIMEOUT_MS,
    env: {
      HOME: home,
      PATH: [programs, npm, "/usr/bin", "/bin"].join(delimiter),
      XDG_DATA_HOME: home,
      XDG_CACHE_HOME: home,
      BUN_INSTALL_CACHE_DIR: join(home, "cache"),
      YARN_CACHE_FOLDER: join(home, "yarn"),
      npm_config_cache: join(home, "npm"),
      npm_config_update_notifier: "false",
      npm_config_audit: "false",
      npm_config_fund: "false",
    },
  });
}

function installed(folder: string): string[] {
  return readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
}

/** What a package manager has to complain about. */
const WORDS = /warn|error|deprecat|incompatible|unsupported|unmet|YN\d{4}:/i;

/** Runs a command that must end well. */
async function ok(folder: string, command: readonly string[]): Promise<RunResult> {
  const ran = await runIn(folder, command);
  expect({ command: command.slice(-3), ...ran }).toMatchObject({ exitCode: 0 });
  return ran;
}

async function install(folder: string, manager: Manager, words: readonly string[]): Promise<void> {
  const { stdout, stderr } = await ok(folder, [...manager.command, ...words]);
  const lines = `${stdout}\n${stderr}`.split("\n");
  const said = lines.filter((line) => WORDS.test(line) && manager.own?.test(line) !== true);
  expect(said).toEqual([]);
}

describe.each(MANAGERS.map((manager) => [manager.name, manager] as const))("%s", (_, manager) => {
  test("immuconfig is one package, and a program runs on it", async () => {
    const folder = makeProject(manager);
    await install(folder, manager, [...manager.add, "immuconfig"]);
    if (manager.isFlat !== true) expect(installed(folder)).toEqual(["immuconfig"]);
    const { stdout } = await ok(folder, [...manager.node, "app.mjs"]);
    expect(stdout).toMatch(/^014074c8c8\w+ \d+ (?:ffi|addon|wasm)\n$/);
    const { exitCode, stderr } = await runIn(folder, [...manager.exec, "immuconfig", "check"]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 3 });
    expect(stderr).toContain(`@immuconfig/build@${version}`);
  });

  test("with @immuconfig/build there are adapters and its commands", async () => {
    const folder = makeProject(manager);
    await install(folder, manager, [...manager.add, "immuconfig"]);
    await install(folder, manager, [...manager.addForDevelopment, "@immuconfig/build"]);
    expect((await ok(folder, [...manager.node, "adapter.mjs"])).stdout).toBe("true\n");
    const { stdout } = await ok(folder, [...manager.exec, "immuconfig", "check", "app.ts"]);
    expect(stdout).toContain("0 errors");
    if (manager.production === undefined) return;
    rmSync(join(folder, "node_modules"), { recursive: true });
    await install(folder, manager, manager.production);
    expect(installed(folder)).toEqual(["immuconfig"]);
  });
});

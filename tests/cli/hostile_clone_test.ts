// A stranger's clone decides nothing: no command runs, loads or asks what it brings along.
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { dependencies } from "../../package.json";
import { COMMANDS, type CommandName } from "../../src/cli/table.ts";
import { NO_HOME, PROCESS_TESTS_TIMEOUT_MS, REPOSITORY, writeFiles } from "../support/cli.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { buildPackage } from "../support/project.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool } from "../support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const ENTRY = join(REPOSITORY, "dist", "cli", "config.js");

interface Clone {
  readonly folder: string;
  /** What left a mark, in order. */
  readonly marks: () => string[];
}

/** A project with a valid record, in which everything that a tool may look at leaves a mark. */
function hostileClone(): Clone {
  const root = temporaryFolder();
  const [folder, marks] = [join(root, "clone"), join(root, "marks")];
  mkdirSync(marks);
  mkdirSync(folder);
  const mark = (name: string): string =>
    `require("node:fs").writeFileSync(${JSON.stringify(join(marks, name))}, "");\n`;
  const script = (name: string): string => `#!/bin/sh\n: > '${join(marks, name)}'\nexit 0\n`;
  const packages = [...Object.keys(dependencies), "@oxc-parser/binding-linux-x64-gnu", "valibot"];
  writeFiles(folder, {
    "bunfig.toml": 'preload = ["./preload.ts"]\n[install]\nregistry = "http://127.0.0.1:9/"\n',
    "preload.ts": `${mark("preload")}console.log("all is well"); process.exit(0);\n`,
    ".env": [
      `IMMUCONFIG_FILE=${join(folder, "other.lockb")}`,
      "IMMUCONFIG_PIN=014074c8c80400000001185099",
      `IMMUCONFIG_RUNTIME_DIR=${join(marks, "runtime")}`,
      `NAPI_RS_NATIVE_LIBRARY_PATH=${join(folder, "native.js")}`,
      `GIT_EXTERNAL_DIFF=${join(folder, "tool.sh")}`,
      "HTTPS_PROXY=http://127.0.0.1:9",
      "NODE_TLS_REJECT_UNAUTHORIZED=0",
      "IMMUCONFIG_TRUSTED_KEYS=",
    ].join("\n"),
    "native.js": mark("native library"),
    "tool.sh": script("external program"),
    "package.json": JSON.stringify({
      name: "clone",
      scripts: Object.fromEntries(
        ["config", "preconfig", "postinstall", "prepare"].map((name) => [name, "./tool.sh"]),
      ),
    }),
    ".npmrc": "registry=http://127.0.0.1:9/\n",
    ".gitattributes": "*.lockb diff=evil merge=evil filter=evil\n",
    "src/app.ts": 'import { feature } from "bun:bundle";\nif (feature("DEBUG")) console.log(1);\n',
    "tsconfig.json": '{"compilerOptions":{"plugins":[{"name":"evil"}]}}',
    ...Object.fromEntries(
      ["bun", "git", "tsc", "zig", "npm"].map((name) => [
        `node_modules/.bin/${name}`,
        script(`node_modules/.bin/${name}`),
      ]),
    ),
    ...Object.fromEntries(
      packages.flatMap((name) => [
        [`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js" })],
        [`node_modules/${name}/index.js`, mark(`package ${name.replace("/", " ")}`)],
      ]),
    ),
  });
  for (const name of readdirSync(join(folder, "node_modules", ".bin"))) {
    chmodSync(join(folder, "node_modules", ".bin", name), 0o755);
  }
  chmodSync(join(folder, "tool.sh"), 0o755);
  writeConfigFile(folder, PLAIN_FILE);
  return { folder, marks: () => readdirSync(marks).toSorted() };
}

/** Words for each command; what they do is of no interest here. */
const WORDS: Readonly<Partial<Record<CommandName, string>>> = {
  init: "--dry-run",
  bootstrap: "",
  completions: "bash",
  get: "features.DEBUG",
  set: "terminal.rows 30",
  feature: "retire DEBUG --keep off --dry-run",
  exec: "-- true",
  build: "src/app.ts --outdir out",
  check: "src",
  ledger: "src/app.ts",
  prove: "DEBUG src/app.ts",
  matrix: "src/app.ts",
  live: "set DEBUG off --even-if-nobody",
  diff: "HEAD",
  upgrade: "--check",
  merge: "bunfig.lockb bunfig.lockb bunfig.lockb",
  watch: "--help",
  serve: "--help",
};

async function commit(folder: string): Promise<void> {
  const git = (...words: string[]) =>
    run(["git", "-C", folder, "-c", "user.name=A", "-c", "user.email=a@b", ...words], {
      env: { GIT_CONFIG_GLOBAL: "/dev/null" },
    });
  await git("init", "--quiet");
  await git("add", "bunfig.lockb", "package.json");
  await git("commit", "--quiet", "--message", "one");
  for (const [key, value] of [
    ["core.fsmonitor", join(folder, "tool.sh")],
    ["core.pager", join(folder, "tool.sh")],
    ["core.sshCommand", join(folder, "tool.sh")],
    ["core.hooksPath", join(folder, "node_modules", ".bin")],
    ["diff.evil.textconv", join(folder, "tool.sh")],
    ["diff.external", join(folder, "tool.sh")],
    ["merge.evil.driver", join(folder, "tool.sh")],
    ["filter.evil.clean", join(folder, "tool.sh")],
    ["filter.evil.smudge", join(folder, "tool.sh")],
  ] as const) {
    await git("config", key, value);
  }
}

/** As it is installed for all projects: the links of a package manager, and Bun on the PATH. */
function globalInstall(): string {
  const folder = temporaryFolder();
  symlinkSync(ENTRY, join(folder, "immuconfig"));
  symlinkSync(BUN, join(folder, "bun"));
  return folder;
}

describe("in a hostile clone", () => {
  test.each(Object.keys(COMMANDS))("%s leaves no mark", async (name) => {
    const { folder, marks } = hostileClone();
    await commit(folder);
    const bin = globalInstall();
    const words = (WORDS[name as CommandName] ?? "").split(" ").filter(Boolean);
    const ran = await run([join(bin, "immuconfig"), name, ...words], {
      cwd: folder,
      env: { HOME: NO_HOME, PATH: `${bin}:/usr/bin:/bin`, TMPDIR: temporaryFolder() },
      timeoutMs: 60_000,
    });
    expect({ name, marks: marks() }).toEqual({ name, marks: [] });
    expect(ran.stdout).not.toContain("all is well");
    expect(ran.stderr).not.toContain("unexpected:");
  });

  test("the folder's .env decides neither the file nor the pin", async () => {
    const { folder } = hostileClone();
    for (const command of [[ENTRY], [BUN, ENTRY]]) {
      const env = { HOME: NO_HOME, PATH: `${globalInstall()}:/usr/bin:/bin` };
      writeFiles(folder, { "preload.ts": "", "other.lockb": "broken" });
      const words = ["get", "features.DEBUG"];
      const { stdout, exitCode } = await run([...command, ...words], { cwd: folder, env });
      expect({ stdout, exitCode }).toEqual({ stdout: "false\n", exitCode: 0 });
    }
  });

  test("TAB runs nothing of it", async () => {
    const { folder, marks } = hostileClone();
    const bin = globalInstall();
    const env = { HOME: NO_HOME, PATH: `${bin}:/usr/bin:/bin` };
    symlinkSync(ENTRY, join(bin, "bun-config"));
    const { stdout } = await run(["bun-config", "completions", "bash"], { cwd: bin, env });
    writeFiles(bin, { "script.bash": stdout });
    const line = `source ${join(bin, "script.bash")}; COMP_WORDS=(bun-config feature enable ""); COMP_CWORD=3; _bun_config; echo "\${COMPREPLY[*]}"`;
    const tab = await run(["bash", "--norc", "-c", line], { cwd: folder, env });
    expect(tab.stdout).toContain("DEBUG");
    expect(marks()).toEqual([]);
  });
});

describe("in a project that has it installed, every launcher keeps the preload and .env out", () => {
  const launchers: [name: string, ...words: string[]][] = [
    ["the link", "./node_modules/.bin/immuconfig"],
    ["bunx", "bunx", "immuconfig"],
    ["bun x", "bun", "x", "immuconfig"],
    ["bun --bun x", "bun", "--bun", "x", "immuconfig"],
    ["bun run", "bun", "run", "immuconfig"],
    ["bun --bun run", "bun", "--bun", "run", "immuconfig"],
    ["a script", "bun", "run", "--silent", "immu"],
    ["npx", "npx", "--no-install", "immuconfig"],
    ["the old name", "./node_modules/.bin/bun-config"],
  ];
  test.each(launchers)("%s", async (_, ...launcher) => {
    if (launcher[0] === "npx" && findTool("npx") === undefined) return;
    const { folder, marks } = hostileClone();
    const bin = temporaryFolder();
    for (const name of ["bun", "bunx"]) symlinkSync(BUN, join(bin, name));
    writeFiles(folder, { "package.json": '{"name":"p","scripts":{"immu":"immuconfig"}}' });
    await run(["rm", "node_modules/.bin/bun"], { cwd: folder });
    symlinkSync(REPOSITORY, join(folder, "node_modules", "immuconfig"));
    for (const name of ["immuconfig", "bun-config"]) {
      symlinkSync("../immuconfig/dist/cli/config.js", join(folder, "node_modules", ".bin", name));
    }
    const { stdout, stderr } = await run([...launcher, "verify", "--json"], {
      cwd: folder,
      env: { HOME: temporaryFolder(), PATH: `${bin}:${process.env["PATH"]}` },
    });
    expect({ marks: marks(), stderr }).toEqual({ marks: [], stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, pinned: null });
  });

  test("Bun on the file itself cannot, and says so", async () => {
    const { folder, marks } = hostileClone();
    writeFiles(folder, {
      "preload.ts": readFileSync(join(folder, "preload.ts"), "utf8").replace(/console.*/, ""),
    });
    const { stdout, stderr } = await run([BUN, ENTRY, "verify", "--json"], {
      cwd: folder,
      env: { HOME: NO_HOME, PATH: "/usr/bin:/bin" },
    });
    expect(marks()).toEqual(["preload"]);
    expect(stderr).toContain("the preload of this folder's bunfig.toml ran before this command");
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, pinned: null });
  });
});

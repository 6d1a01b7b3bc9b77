/** The command line where Node is all there is: no Bun is on the PATH. */

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { hasAllCores } from "../support/native_cores.ts";
import { buildPackage } from "../support/project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { run, type RunOptions, type RunResult } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool, testWith } from "../support/tools.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(120_000);

const TOOLS = ["node", "git", "sh", "env", "cat", "dirname", "basename", "readlink", "npx"];
const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

interface Project {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs `immuconfig` as `node_modules/.bin` has it. */
  readonly immuconfig: (
    words: readonly string[],
    exitCode?: number,
    more?: RunOptions,
  ) => Promise<RunResult>;
  readonly git: (...words: string[]) => Promise<RunResult>;
}

function nodeProject(): Project {
  const home = temporaryFolder();
  const bin = join(home, "bin");
  const folder = join(home, "project");
  mkdirSync(bin);
  for (const name of TOOLS) {
    const path = findTool(name);
    if (path !== undefined) symlinkSync(path, join(bin, name));
  }
  mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
  symlinkSync(REPOSITORY, join(folder, "node_modules", "immuconfig"));
  const launcher = join(folder, "node_modules", ".bin", "immuconfig");
  symlinkSync("../immuconfig/dist/cli/config.js", launcher);
  chmodSync(launcher, 0o755);
  writeFileSync(join(folder, "package.json"), '{"name":"five","type":"module","private":true}\n');
  writeFileSync(join(folder, ".gitignore"), "node_modules\nimmuconfig-env.d.ts\n");
  const env = { PATH: bin, HOME: home, IMMUCONFIG_RUNTIME_DIR: join(home, "runtime") };
  return {
    folder,
    env,
    async immuconfig(words, exitCode = 0, more = {}) {
      const where = { cwd: folder, env, timeoutMs: 60_000 };
      const ended = await run([launcher, ...words], { ...where, ...more });
      expect([words, ended.exitCode, ended.stderr]).toEqual([
        words,
        exitCode,
        exitCode === 0 ? expect.any(String) : expect.stringContaining("error: "),
      ]);
      return ended;
    },
    async git(...words) {
      const identity = ["-c", "user.name=T", "-c", "user.email=t@example.test"];
      const ended = await run(["git", ...identity, ...words], { cwd: folder, env });
      expect([words, ended.exitCode, ended.stdout]).toEqual([words, 0, expect.any(String)]);
      return ended;
    },
  };
}

testWith("node", "git")("the first five minutes, and two branches that git joins", async () => {
  const { folder, immuconfig, git } = nodeProject();
  await git("init", "-q", "-b", "main");
  await immuconfig(["init", "--yes", "--registry", "https://registry.example.test"]);
  await immuconfig(["feature", "define", "CHECKOUT_V2", "--owner", "payments"]);
  const enabled = await immuconfig(["feature", "enable", "CHECKOUT_V2"]);
  expect(enabled.stdout).toMatch(/^Wrote CHECKOUT_V2 on in .*, durable\n$/);
  await immuconfig(["set", "terminal.rows", "30"]);
  expect((await immuconfig(["get", "features.CHECKOUT_V2"])).stdout).toBe("true\n");
  expect((await immuconfig(["verify"])).stdout).toContain(" is valid: record ");
  await immuconfig(["types"]);
  expect(readFileSync(join(folder, "immuconfig-env.d.ts"), "utf8")).toContain("CHECKOUT_V2");
  await immuconfig(["check"]);
  expect((await immuconfig(["completions", "bash"])).stdout).toContain("git-setup");
  const exec = ["exec", "--", "node", "-e", "process.stdout.write(process.env.IMMUCONFIG_PIN)"];
  expect((await immuconfig(exec)).stdout).toEndWith(`@${folder}/bunfig.lockb`);

  await immuconfig(["git-setup"]);
  await git("add", "-A");
  await git("commit", "-qm", "Pin the configuration");
  await git("checkout", "-qb", "other");
  await immuconfig(["feature", "define", "THEIRS"]);
  await git("commit", "-qam", "Theirs");
  await git("checkout", "-q", "main");
  await immuconfig(["feature", "define", "OURS"]);
  expect((await git("diff", "--", "bunfig.lockb")).stdout).toContain("OURS");
  await git("commit", "-qam", "Ours");
  await git("merge", "-q", "other");
  const names = (await immuconfig(["feature", "list", "--json"])).stdout;
  for (const name of ["CHECKOUT_V2", "OURS", "THEIRS"]) expect(names).toContain(`"${name}"`);
  expect((await immuconfig(["verify"])).stdout).toContain(" is valid: record ");
  await immuconfig(["init", "--undo", "--purge", "--yes"]);
  expect(existsSync(join(folder, "bunfig.lockb"))).toBe(false);
});

testWith("node")("a bunfig.toml is read, edited and given back", async () => {
  const { folder, immuconfig } = nodeProject();
  const manifest = join(folder, "package.json");
  writeFileSync(manifest, '{"name":"five","private":true,"dependencies":{"immuconfig":"*"}}\n');
  const bunfig = join(folder, "bunfig.toml");
  const before = '[install]\nregistry = "https://registry.example.test"\n[test]\ncoverage = true\n';
  writeFileSync(bunfig, before);
  expect((await immuconfig(["init", "--yes"])).stdout).not.toContain("note:");
  expect(readFileSync(bunfig, "utf8")).toContain("immuconfig/dist/register.js");
  const { stdout } = await immuconfig(["doctor"]);
  expect(stdout).toContain("ok    preload: programs and tests preload");
  expect(stdout).toContain("bun install asks https://registry.example.test");
  await immuconfig(["init", "--undo", "--purge", "--yes"]);
  expect(readFileSync(bunfig, "utf8")).toBe(before);
});

testWith("node").skipIf(!hasAllCores)("a live flag reaches a program that runs", async () => {
  const { folder, env, immuconfig } = nodeProject();
  await immuconfig(["init", "--yes", "--registry", "https://registry.example.test"]);
  await immuconfig(["feature", "enable", "DEBUG"]);
  const program = join(folder, "reader.mjs");
  writeFileSync(
    program,
    `import { live } from "immuconfig/live";
    console.log(live.mode, live.features.DEBUG);
    while (live.features.DEBUG);
    console.log("off");`,
  );
  const reader = spawn("node", [program], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  reader.stdout.setEncoding("utf8");
  expect((await once(reader.stdout, "data"))[0]).toBe("mapped true\n");
  const ended = once(reader, "close");
  const { stdout } = await immuconfig(["live", "set", "DEBUG", "off", "--for", "10m"]);
  expect(stdout).toContain("seen by 1 process;");
  expect(await ended).toEqual([0, null]);
});

testWith("node")("a key of the user's own signs, and a change needs it", async () => {
  const { immuconfig } = nodeProject();
  const passphrase = { stdin: "correct horse battery staple\n" };
  await immuconfig(["init", "--yes", "--registry", "https://registry.example.test"]);
  await immuconfig(["key", "new", "me", "--store", "file", "--passphrase-fd", "0"], 0, passphrase);
  await immuconfig(["trust", "add", "me", "--yes"]);
  await immuconfig(["verify"], 4);
  await immuconfig(["sign", "--yes", "--passphrase-fd", "0"], 0, passphrase);
  expect((await immuconfig(["verify"])).stdout).toContain("signed by key ");
  await immuconfig(["feature", "enable", "DEBUG"], 5);
});

testWith("node")("what needs Bun says so in one line", async () => {
  const { immuconfig } = nodeProject();
  await immuconfig(["init", "--yes", "--registry", "https://registry.example.test"]);
  for (const words of [["build", "app.ts"], ["ledger", "app.ts"], ["install"], ["serve"]]) {
    const { stderr } = await immuconfig(words, 1);
    expect(stderr).toMatch(/^error: .* needs Bun, and Node runs this\n {2}Run it with Bun: .*\n$/);
  }
});

testWith("node", "npx")("npx obeys no setting of the folder", async () => {
  const { folder, env, immuconfig } = nodeProject();
  await immuconfig(["init", "--yes", "--registry", "https://registry.example.test"]);
  const evil = join(folder, "evil.cjs");
  writeFileSync(evil, 'require("node:fs").writeFileSync(__dirname + "/ran", "");');
  writeFileSync(join(folder, ".npmrc"), `node-options=--require ${evil}\n`);
  writeFileSync(
    join(folder, ".env"),
    "IMMUCONFIG_FILE=/nowhere\nNODE_OPTIONS=--require ./evil.cjs\n",
  );
  const { stdout } = await run(["npx", "--offline", "immuconfig", "get", "version"], {
    cwd: folder,
    env,
    timeoutMs: 60_000,
  });
  expect(stdout).toBe("1\n");
  expect(existsSync(join(folder, "ran"))).toBe(false);
});

test("the launcher says what it looked for, where there is neither", async () => {
  const { folder } = nodeProject();
  const launcher = join(folder, "node_modules", ".bin", "immuconfig");
  const { exitCode, stderr } = await run(["/bin/sh", launcher, "get"], { env: { PATH: folder } });
  expect([exitCode, stderr]).toEqual([
    127,
    "immuconfig runs on Bun or Node, and neither is on the PATH: https://bun.sh\n",
  ]);
});

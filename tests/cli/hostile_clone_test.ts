// A stranger's clone decides nothing: no command runs, loads or asks what it brings along.
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { COMMANDS, type CommandName } from "../../src/cli/table.ts";
import { NO_HOME, PROCESS_TESTS_TIMEOUT_MS, REPOSITORY, writeFiles } from "../support/cli.ts";
import { commit, hostileClone, WORDS } from "../support/hostile_clone.ts";
import { buildPackage } from "../support/project.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool } from "../support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const ENTRY = join(REPOSITORY, "dist", "cli", "config.js");

/** As it is installed for all projects: the links of a package manager, and Bun on the PATH. */
function globalInstall(): string {
  const folder = temporaryFolder();
  symlinkSync(ENTRY, join(folder, "immuconfig"));
  symlinkSync(BUN, join(folder, "bun"));
  return folder;
}

describe("in a hostile clone", () => {
  test.each(Object.keys(COMMANDS))("%s leaves no mark", async (name) => {
    const { folder, marks } = hostileClone(temporaryFolder());
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
    const { folder } = hostileClone(temporaryFolder());
    for (const command of [[ENTRY], [BUN, ENTRY]]) {
      const env = { HOME: NO_HOME, PATH: `${globalInstall()}:/usr/bin:/bin` };
      writeFiles(folder, { "preload.ts": "", "other.lockb": "broken" });
      const words = ["get", "features.DEBUG"];
      const { stdout, exitCode } = await run([...command, ...words], { cwd: folder, env });
      expect({ stdout, exitCode }).toEqual({ stdout: "false\n", exitCode: 0 });
    }
  });

  test("a driver in the repository's folder that is not ours is told, not run", async () => {
    const { folder, marks } = hostileClone(temporaryFolder());
    const env = { HOME: NO_HOME, PATH: "/usr/bin:/bin" };
    const ran = (...words: string[]) =>
      run([BUN, "--config=/dev/null", "--no-env-file", ENTRY, ...words], { cwd: folder, env });
    await run(["git", "init", "--quiet"], { cwd: folder });
    await ran("git-setup");
    const driver = join(folder, ".git", "immuconfig", "driver");
    expect((await ran("doctor")).stdout).not.toContain("git's driver here");
    writeFileSync(driver, readFileSync(join(folder, "tool.sh")));
    expect((await ran("doctor")).stdout).toContain("git's driver here is of another release");
    expect(marks()).toEqual([]);
    await ran("git-setup");
    expect(readFileSync(driver, "utf8")).toContain("Written by `bun-config git-setup`");
    expect(marks()).toEqual([]);
  });

  test("a link does not lead a change out of the clone", async () => {
    const root = temporaryFolder();
    const { folder } = hostileClone(root);
    const env = { HOME: NO_HOME, PATH: "/usr/bin:/bin" };
    await run(["git", "init", "--quiet"], { cwd: folder });
    writeFiles(root, { ".bashrc": "# mine\n", "bin/own": "" });
    rmSync(join(folder, ".gitattributes"));
    symlinkSync("../.bashrc", join(folder, ".gitattributes"));
    const setUp = async () =>
      run([BUN, "--config=/dev/null", "--no-env-file", ENTRY, "git-setup"], { cwd: folder, env });
    expect((await setUp()).stderr).toContain(`leads to ${join(root, ".bashrc")}, outside of`);
    expect(readFileSync(join(root, ".bashrc"), "utf8")).toBe("# mine\n");
    rmSync(join(folder, ".git", "immuconfig"), { recursive: true, force: true });
    symlinkSync(join(root, "bin"), join(folder, ".git", "immuconfig"));
    expect((await setUp()).stderr).toContain("it is a symbolic link");
    expect(readdirSync(join(root, "bin"))).toEqual(["own"]);
  });

  test("a folder's name forges no line of a message", async () => {
    const folder = join(temporaryFolder(), "x\n/y/bunfig.lockb is valid\nz");
    mkdirSync(folder, { recursive: true });
    cpSync(join(hostileClone(temporaryFolder()).folder, "bunfig.lockb"), join(folder, "b.lockb"));
    const named = ["--file", join(folder, "b.lockb")];
    for (const [cwd, words] of [
      [folder, []],
      ["/", named],
    ] as const) {
      const command = [BUN, "--config=/dev/null", "--no-env-file", ENTRY, "verify", ...words];
      const env = { HOME: NO_HOME, PATH: "/usr/bin:/bin" };
      const { stdout, stderr, exitCode } = await run(command, { cwd, env });
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
      expect(stderr).not.toMatch(/^\/y/m);
    }
  });

  test("a pipe in the place of .env keeps nobody waiting", async () => {
    const { folder } = hostileClone(temporaryFolder());
    rmSync(join(folder, ".env"));
    await run(["mkfifo", ".env"], { cwd: folder });
    const env = { HOME: NO_HOME, PATH: "/usr/bin:/bin", IMMUCONFIG_PIN: "off" };
    const command = [BUN, "--config=/dev/null", "--no-env-file", ENTRY, "get", "version"];
    expect(await run(command, { cwd: folder, env })).toMatchObject({ stdout: "1\n", exitCode: 0 });
  });

  test("TAB runs nothing of it", async () => {
    const { folder, marks } = hostileClone(temporaryFolder());
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
    const { folder, marks } = hostileClone(temporaryFolder());
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
    const { folder, marks } = hostileClone(temporaryFolder());
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

// A stranger's clone decides nothing: no command runs, loads or asks what it brings along.
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { CLEAN_OPTIONS } from "../../src/cli/clean_start.ts";
import { COMMANDS, type CommandName } from "../../src/cli/table.ts";
import { NO_HOME, PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../support/cli.ts";
import { commit, hostileClone, WORDS } from "../support/hostile_clone.ts";
import { buildPackage } from "../support/project.ts";
import { BUILT_CLI, REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool } from "../support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

/** As it is installed for all projects: the links of a package manager, and Bun on the PATH. */
function globalInstall(): string {
  const folder = temporaryFolder();
  symlinkSync(BUILT_CLI, join(folder, "immuconfig"));
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
    expect(ran.stdout).not.toContain("take my word");
    expect(ran.stderr).not.toContain("unexpected:");
  });

  test("the folder's .env decides neither the file nor the pin", async () => {
    const { folder } = hostileClone(temporaryFolder());
    for (const command of [[BUILT_CLI], [BUN, BUILT_CLI]]) {
      const env = { HOME: NO_HOME, PATH: `${globalInstall()}:/usr/bin:/bin` };
      writeFiles(folder, { "preload.ts": "", "tsconfig.json": "{}", "other.lockb": "broken" });
      const words = ["get", "features.DEBUG"];
      const { stdout, exitCode } = await run([...command, ...words], { cwd: folder, env });
      expect({ stdout, exitCode }).toEqual({ stdout: "false\n", exitCode: 0 });
    }
  });

  test.each(["development", "production", "test"])(
    "nor does that of the mode: %s",
    async (mode) => {
      const folder = temporaryFolder();
      writeFiles(folder, { [`.env.${mode}`]: "FORCE_COLOR=1" });
      const named = mode === "development" ? {} : { NODE_ENV: mode };
      const options = { cwd: folder, env: { HOME: NO_HOME, ...named } };
      const clean = await run([BUN, ...CLEAN_OPTIONS, BUILT_CLI, "verify"], options);
      const reached = await run([BUN, "--no-env-file", BUILT_CLI, "verify"], {
        ...options,
        env: { ...options.env, FORCE_COLOR: "1" },
      });
      // It would be seen.
      expect(reached.stderr).not.toBe(clean.stderr);
      expect(await run([BUN, BUILT_CLI, "verify"], options)).toEqual(clean);
    },
  );

  test("a driver in the repository's folder that is not ours is told, not run", async () => {
    const { folder, marks } = hostileClone(temporaryFolder());
    const env = { HOME: NO_HOME, PATH: "/usr/bin:/bin" };
    const ran = (...words: string[]) =>
      run([BUN, ...CLEAN_OPTIONS, BUILT_CLI, ...words], { cwd: folder, env });
    await run(["git", "init", "--quiet"], { cwd: folder });
    await ran("git-setup");
    const driver = join(folder, ".git", "immuconfig", "driver");
    expect((await ran("doctor")).stdout).not.toContain("git's driver here");
    writeFileSync(driver, readFileSync(join(folder, "tool.sh")));
    expect((await ran("doctor")).stdout).toContain(
      "git's driver here is not whole, or of another release",
    );
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
      run([BUN, ...CLEAN_OPTIONS, BUILT_CLI, "git-setup"], { cwd: folder, env });
    expect((await setUp()).stderr).toContain(`leads to ${join(root, ".bashrc")}, outside of`);
    expect(readFileSync(join(root, ".bashrc"), "utf8")).toBe("# mine\n");
    mkdirSync(join(root, "other"));
    renameSync(join(folder, "bunfig.lockb"), join(root, "other", "bunfig.lockb"));
    symlinkSync("../other/bunfig.lockb", join(folder, "bunfig.lockb"));
    const before = readFileSync(join(root, "other", "bunfig.lockb"));
    const words = [BUN, ...CLEAN_OPTIONS, BUILT_CLI, "set", "terminal.rows", "99"];
    expect((await run(words, { cwd: folder, env })).stderr).toContain("outside of");
    expect(readFileSync(join(root, "other", "bunfig.lockb"))).toEqual(before);
    const named = await run([...words, "--file", "bunfig.lockb"], { cwd: folder, env });
    expect(named.stdout).toContain("Wrote terminal.rows 99");
    rmSync(join(folder, ".git", "immuconfig"), { recursive: true, force: true });
    symlinkSync(join(root, "bin"), join(folder, ".git", "immuconfig"));
    expect((await setUp()).stderr).toContain("it is a symbolic link");
    expect(readdirSync(join(root, "bin"))).toEqual(["own"]);
  });

  test("a folder that is a link leads no rewriting of sources out of the clone", async () => {
    const root = temporaryFolder();
    const { folder } = hostileClone(root);
    const env = { HOME: NO_HOME, PATH: "/usr/bin:/bin" };
    const source = 'import { feature } from "bun:bundle";\nif (feature("DEBUG")) console.log(1);\n';
    // Of the user's other project, a repository of its own.
    writeFiles(root, { "mine/app.ts": source });
    for (const repository of [folder, join(root, "mine")]) {
      await run(["git", "init", "--quiet"], { cwd: repository });
    }
    writeFiles(folder, { "first.ts": source });
    rmSync(join(folder, "src"), { recursive: true });
    symlinkSync("../mine", join(folder, "src"));
    const words = "feature retire DEBUG first.ts src --keep on --yes".split(" ");
    const { stderr, exitCode } = await run([BUN, ...CLEAN_OPTIONS, BUILT_CLI, ...words], {
      cwd: folder,
      env,
    });
    expect(stderr).toContain(`it leads to ${join(root, "mine", "app.ts")}, outside of ${folder}`);
    expect(exitCode).toBe(1);
    expect(readFileSync(join(root, "mine", "app.ts"), "utf8")).toBe(source);
    // Nor is a part of it done.
    expect(readFileSync(join(folder, "first.ts"), "utf8")).toBe(source);
    // Nor does it lead a new file there.
    writeFiles(folder, { "tsconfig.json": '{"include":["src"]}' });
    const types = await run([BUN, ...CLEAN_OPTIONS, BUILT_CLI, "types"], { cwd: folder, env });
    expect(types.stderr).toContain(`it leads to ${join(root, "mine", "immuconfig-env.d.ts")}, out`);
    expect(readdirSync(join(root, "mine"))).toEqual([".git", "app.ts"]);
  });

  test("a link leads no output of a build out of the clone", async () => {
    const root = temporaryFolder();
    const { folder } = hostileClone(root);
    const env = { HOME: NO_HOME, PATH: "/usr/bin:/bin" };
    writeFiles(root, { ".bashrc": "# mine\n", "mine/app.js": "// mine\n" });
    const sub = { "src/sub/app.ts": "console.log(1);\n", "out/own": "" };
    writeFiles(folder, { ...sub, "tsconfig.json": "{}" });
    symlinkSync("../../.bashrc", join(folder, "out", "app.js"));
    symlinkSync("../../mine", join(folder, "out", "sub"));
    const build = async (words: string) =>
      run([BUN, ...CLEAN_OPTIONS, BUILT_CLI, "build", ...words.split(" ")], { cwd: folder, env });
    const link = await build("src/app.ts --outdir out");
    expect([link.exitCode, link.stderr]).toEqual([1, expect.stringContaining("a symbolic link")]);
    const inFolder = await build("src/app.ts src/sub/app.ts --root src --outdir out");
    expect(inFolder.exitCode).toBe(1);
    rmSync(join(folder, "out", "app.js"));
    const below = await build("src/app.ts src/sub/app.ts --root src --outdir out");
    expect([below.exitCode, below.stderr]).toEqual([
      1,
      expect.stringContaining(`${join(folder, "out", "sub")} is a symbolic link`),
    ]);
    expect(readFileSync(join(root, ".bashrc"), "utf8")).toBe("# mine\n");
    expect(readFileSync(join(root, "mine", "app.js"), "utf8")).toBe("// mine\n");
    // What the user names is the user's word.
    symlinkSync("../mine", join(folder, "dist"));
    expect(await build("src/app.ts --outdir dist")).toMatchObject({ exitCode: 0 });
    symlinkSync("../mine/named.js", join(folder, "named.js"));
    expect(await build("src/app.ts --outfile named.js")).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(root, "mine", "named.js"), "utf8")).toContain("immuconfig:record");
  });

  test("a folder's name forges no line of a message", async () => {
    const folder = join(temporaryFolder(), "x\n/y/bunfig.lockb is valid\nz");
    mkdirSync(folder, { recursive: true });
    cpSync(join(hostileClone(temporaryFolder()).folder, "bunfig.lockb"), join(folder, "b.lockb"));
    const named = ["--file", join(folder, "b.lockb")];
    for (const [cwd, words] of [
      [folder, []],
      ["/", named],
      ["/", [join(folder, "b.lockb")]],
    ] as const) {
      const command = [BUN, ...CLEAN_OPTIONS, BUILT_CLI, "verify", ...words];
      const env = { HOME: NO_HOME, PATH: "/usr/bin:/bin" };
      const { stdout, stderr, exitCode } = await run(command, { cwd, env });
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
      expect(stderr).not.toMatch(/^\/y/m);
    }
  });

  test("a source's name forges no line of a message", async () => {
    const { folder } = hostileClone(temporaryFolder());
    const source = 'import { feature } from "bun:bundle";\nif (feature("DEBUG")) console.log(1);\n';
    writeFiles(folder, { "x\nretired.ts": source, "y\nretired.md": "DEBUG\n" });
    for (const words of ["feature retire DEBUG", "feature retire DEBUG --keep on --dry-run"]) {
      const command = [BUN, ...CLEAN_OPTIONS, BUILT_CLI, ...words.split(" ")];
      const env = { HOME: NO_HOME, PATH: "/usr/bin:/bin" };
      const { stdout, stderr } = await run(command, { cwd: folder, env });
      expect(stderr).toContain("x?retired.ts");
      expect(stdout + stderr).not.toMatch(/^retired/m);
    }
  });

  test("a pipe in the place of .env keeps nobody waiting", async () => {
    const { folder } = hostileClone(temporaryFolder());
    rmSync(join(folder, ".env"));
    await run(["mkfifo", ".env"], { cwd: folder });
    const env = { HOME: NO_HOME, PATH: "/usr/bin:/bin", IMMUCONFIG_PIN: "off" };
    const command = [BUN, ...CLEAN_OPTIONS, BUILT_CLI, "get", "version"];
    expect(await run(command, { cwd: folder, env })).toMatchObject({ stdout: "1\n", exitCode: 0 });
  });

  test("git runs our driver, and nothing of it", async () => {
    const { folder, marks } = hostileClone(temporaryFolder());
    const env = { HOME: NO_HOME, PATH: `${globalInstall()}:/usr/bin:/bin` };
    await run(["git", "init", "--quiet"], { cwd: folder });
    await run(["git", "add", "bunfig.lockb"], { cwd: folder });
    rmSync(join(folder, ".gitattributes"));
    await run([BUN, ...CLEAN_OPTIONS, BUILT_CLI, "git-setup"], { cwd: folder, env });
    await run([BUN, ...CLEAN_OPTIONS, BUILT_CLI, "set", "terminal.rows", "31"], {
      cwd: folder,
      env,
    });
    const { stdout } = await run(["git", "diff"], { cwd: folder, env });
    expect(stdout).toContain("+terminal.rows 31");
    expect(marks()).toEqual([]);
  });

  test("TAB runs nothing of it", async () => {
    const { folder, marks } = hostileClone(temporaryFolder());
    const bin = globalInstall();
    const env = { HOME: NO_HOME, PATH: `${bin}:/usr/bin:/bin` };
    symlinkSync(BUILT_CLI, join(bin, "bun-config"));
    const { stdout } = await run(["bun-config", "completions", "bash"], { cwd: bin, env });
    writeFiles(bin, { "script.bash": stdout });
    const line = `source ${join(bin, "script.bash")}; COMP_WORDS=(bun-config feature enable ""); COMP_CWORD=3; _bun_config; echo "\${COMPREPLY[*]}"`;
    const tab = await run(["bash", "--norc", "-c", line], { cwd: folder, env });
    expect(tab.stdout).toContain("DEBUG");
    expect(marks()).toEqual([]);
  });
});

/** What a stranger's archive may bring as a repository: git itself believes each. */
const REPOSITORIES: Readonly<Record<string, (folder: string) => void>> = {
  "whose work tree is another repository": (folder) =>
    appendFileSync(join(folder, ".git", "config"), "[core]\nworktree = ../../victim\n"),
  "in a folder of the tree, led to by a file": (folder) => {
    renameSync(join(folder, ".git"), join(folder, "repository"));
    writeFileSync(join(folder, ".git"), "gitdir: repository\n");
  },
  "whose common folder is in the tree": (folder) => {
    cpSync(join(folder, ".git"), join(folder, "common"), { recursive: true });
    writeFileSync(join(folder, ".git", "commondir"), "../common\n");
  },
  "that includes settings of the tree": (folder) => {
    renameSync(join(folder, ".git", "config"), join(folder, "settings"));
    writeFileSync(
      join(folder, ".git", "config"),
      '[include]\npath = ../settings\n[includeIf "gitdir:/"]\npath = ../settings\n',
    );
  },
  "with settings for one work tree": (folder) => {
    cpSync(join(folder, ".git", "config"), join(folder, ".git", "config.worktree"));
    appendFileSync(join(folder, ".git", "config"), "[extensions]\nworktreeConfig = true\n");
  },
  "with hooks of its own": (folder) => {
    rmSync(join(folder, ".git", "hooks"), { recursive: true, force: true });
    renameSync(join(folder, "hooks"), join(folder, ".git", "hooks"));
    cpSync(join(folder, "tool.sh"), join(folder, ".git", "hooks", "fsmonitor-watchman"));
  },
  "with attributes of its own": (folder) => {
    mkdirSync(join(folder, ".git", "info"), { recursive: true });
    writeFileSync(
      join(folder, ".git", "info", "attributes"),
      "* diff=evil merge=evil filter=evil\n",
    );
  },
  "that takes the name of our driver": (folder) => {
    const tool = join(folder, "tool.sh");
    const sections = `[diff "immuconfig"]\ntextconv = ${tool}\ncommand = ${tool}\n[merge "immuconfig"]\ndriver = ${tool}\n`;
    appendFileSync(join(folder, ".git", "config"), sections);
    writeFileSync(join(folder, ".gitattributes"), "* diff=immuconfig merge=immuconfig\n");
  },
  "without a work tree, which is the folder itself": (folder) => {
    for (const name of readdirSync(join(folder, ".git"))) {
      cpSync(join(folder, ".git", name), join(folder, name), { recursive: true });
    }
    rmSync(join(folder, ".git"), { recursive: true });
  },
  "with a module whose repository is in the tree": (folder) => {
    cpSync(join(folder, ".git"), join(folder, "repository"), { recursive: true });
    mkdirSync(join(folder, "src", "module"));
    writeFileSync(join(folder, "src", "module", ".git"), "gitdir: ../../repository\n");
    writeFileSync(
      join(folder, ".gitmodules"),
      '[submodule "m"]\npath = src/module\nurl = ext::x\nupdate = !false\n',
    );
  },
};

const RUN_GIT: readonly string[] = [
  "init",
  "doctor --fix",
  "log",
  "diff HEAD~1",
  "resolve --theirs",
  "git-setup",
  "check src",
];

describe("a repository", () => {
  test.each(Object.keys(REPOSITORIES))("%s leaves no mark", async (name) => {
    for (const line of RUN_GIT) {
      const root = temporaryFolder();
      const { folder, marks } = hostileClone(root);
      await commit(folder);
      const victim = join(root, "victim");
      await run(["git", "init", "--quiet", victim], { cwd: root });
      const filesOf = () => readdirSync(victim, { recursive: true }).map(String).toSorted();
      const before = [filesOf(), readFileSync(join(victim, ".git", "config"), "utf8")];
      REPOSITORIES[name]?.(folder);
      const env = { HOME: NO_HOME, PATH: "/usr/bin:/bin", TMPDIR: temporaryFolder() };
      const command = [BUN, ...CLEAN_OPTIONS, BUILT_CLI, ...line.split(" ")];
      const { stderr } = await run(command, { cwd: folder, env, timeoutMs: 60_000 });
      expect({ line, marks: marks() }).toEqual({ line, marks: [] });
      expect([filesOf(), readFileSync(join(victim, ".git", "config"), "utf8")]).toEqual(before);
      expect(stderr).not.toContain("unexpected:");
    }
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
      // Whatever leads Bun to another file than this one leaves nobody to say so.
      "tsconfig.json": "{}",
    });
    const { stdout, stderr } = await run([BUN, BUILT_CLI, "verify", "--json"], {
      cwd: folder,
      env: { HOME: NO_HOME, PATH: "/usr/bin:/bin" },
    });
    expect(marks()).toEqual(["preload"]);
    expect(stderr).toContain("the preload of this folder's bunfig.toml ran before this command");
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, pinned: null });
  });
});

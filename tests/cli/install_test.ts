import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { CLEAN_OPTIONS } from "../../src/cli/clean_start.ts";
import { withRegistries } from "../../src/cli/commands/install/bunfig_registries.ts";
import { PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../support/cli.ts";
import {
  type LockedProject,
  motleyProject,
  plainProject,
  publishPackage,
  runBun,
} from "../support/locked_project.ts";
import { buildPackage } from "../support/project.ts";
import { CLI, REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { type SshAgent, startSshAgent } from "../support/ssh_agent.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { TestRegistry } from "../support/test_registry.ts";
import { testWith } from "../support/tools.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
let registry: TestRegistry;
beforeAll(async () => {
  registry = await TestRegistry.start();
});
afterAll(() => registry[Symbol.asyncDispose]());

/** A project with a record that pins the test's registry. */
class Guarded {
  readonly project: LockedProject;

  constructor(project: LockedProject) {
    this.project = project;
  }

  static async plain(): Promise<Guarded> {
    const guarded = new Guarded(await plainProject(temporaryFolder(), registry));
    await guarded.done(`bootstrap --registry ${registry.url}`);
    return guarded;
  }

  get folder(): string {
    return this.project.folder;
  }

  async run(words: string, env: Record<string, string> = {}) {
    // As the command's own launcher starts it.
    return run([BUN, ...CLEAN_OPTIONS, CLI, ...words.split(" ")], {
      cwd: this.folder,
      env: { ...this.project.env, ...env },
      timeoutMs: 60_000,
    });
  }

  /** @throws when it fails */
  async done(words: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(words);
    if (exitCode !== 0) throw new Error(`${words}: ${exitCode} ${stdout}${stderr}`);
    return stdout + stderr;
  }

  /** Runs a command that must be refused by one exit code; nothing may be fetched meanwhile. */
  async refused(words: string, code: number, message: string, env = {}): Promise<void> {
    const before = registry.requests.length;
    const { exitCode, stderr } = await this.run(words, env);
    expect({ exitCode, stderr }).toEqual({
      exitCode: code,
      stderr: expect.stringContaining(message),
    });
    expect(registry.requests.slice(before)).toEqual([]);
  }

  edit(file: string, from: string | RegExp, to: string): () => void {
    const path = join(this.folder, file);
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const after = text.replace(from, () => to);
    if (after === text) throw new Error(`${String(from)} is not in ${file}`);
    writeFileSync(path, after);
    return () => (text === "" ? rmSync(path) : writeFileSync(path, text));
  }

  clean(): void {
    rmSync(join(this.folder, "node_modules"), { recursive: true, force: true });
  }
}

describe("lock", () => {
  test("lists the packages once, and --check names what differs", async () => {
    const guarded = await Guarded.plain();
    await guarded.refused("lock --check", 4, "the record lists no packages");
    expect(await guarded.done("lock")).toContain("Listed 5 packages");
    expect(await guarded.done("lock")).toContain("nothing written");
    await guarded.done("lock --check");
    const restore = guarded.edit("bun.lock", '"inner@2.0.0", "', '"inner@2.0.1", "');
    await guarded.refused("lock --check", 4, "changed: inner@2.0.1");
    restore();
    guarded.edit("bun.lock", "{", "/* a comment */ {");
    await guarded.done("lock --check");
  });

  test("asks for each rule that a lockfile breaks, and remembers what was allowed", async () => {
    const guarded = new Guarded(await motleyProject(temporaryFolder(), registry));
    await guarded.done(`bootstrap --registry ${registry.url}`);
    await guarded.refused("lock", 4, "--allow file --allow git --allow url");
    await guarded.refused("lock --allow git,url,file", 4, "--allow patch --allow override");
    await guarded.refused("lock --allow integrity", 2, "there is no rule");
    await guarded.done("lock --allow git,url,file,patch,override,trusted");
    expect(await guarded.done("lock")).toContain("nothing written");
    guarded.edit("packages/member/package.json", "{", '{"scripts":{"postinstall":"exit 0"},');
    await guarded.refused("lock --check", 4, "new: install scripts of packages/member");
    expect(await guarded.done("lock")).toContain("new: install scripts of packages/member");
    guarded.edit("patches/two.patch", "= 2", "= 3");
    await guarded.refused("lock", 4, "patch: two@1.0.0");
  });
});

describe("registry", () => {
  test("says which source wins, what it overrules, and what is pinned", async () => {
    const guarded = await Guarded.plain();
    expect(await guarded.done("registry")).toContain(`packages without a scope: ${registry.url}`);
    guarded.edit("bunfig.toml", "registry", "# registry");
    writeFileSync(join(guarded.folder, ".npmrc"), "registry=https://u:p@other.example.test/npm/");
    const { registries, agrees } = JSON.parse(await guarded.done("registry --json -q")) as {
      registries: unknown[];
      agrees: boolean;
    };
    expect(agrees).toBe(false);
    expect(registries).toEqual([
      {
        scope: "default",
        source: join(guarded.folder, ".npmrc"),
        url: "https://other.example.test/npm",
        overruled: [],
      },
    ]);
  });
});

describe("set registry", () => {
  test("offers to bring bunfig.toml along, and touches nothing else in it", async () => {
    const guarded = await Guarded.plain();
    const other = "https://npm.acme.test";
    const offered = await guarded.done(`set registry ${other}`);
    expect(offered).toContain(`packages: ${registry.url}`);
    expect(offered).toContain("--bunfig");
    const bunfig = join(guarded.folder, "bunfig.toml");
    writeFileSync(
      bunfig,
      `# ours\n[install] # yes\nregistry = { token = "$T", url = "${registry.url}" } # x\n[test]\nroot = "a"`,
    );
    await guarded.done(`set registry ${other} --bunfig`);
    await guarded.done("set registry https://npm.scope.test --scope @scope --bunfig");
    expect(readFileSync(bunfig, "utf8")).toBe(
      `# ours\n[install] # yes\nregistry = { token = "$T", url = "${other}" } # x\n[test]\nroot = "a"\n\n[install.scopes]\n"@scope" = "https://npm.scope.test"`,
    );
    expect(await guarded.done("registry")).not.toContain("note:");
  });

  test.each([
    [undefined, '[install]\nregistry = "https://a.test"\n'],
    ["", '[install]\nregistry = "https://a.test"'],
    ['install.registry = "x" # y\n', 'install.registry = "https://a.test" # y\n'],
    ['install = { registry = "x" }\n', 'install = { registry = "https://a.test" }\n'],
    [
      "[install]\r\nfrozenLockfile = true\r\n",
      '[install]\r\nregistry = "https://a.test"\r\nfrozenLockfile = true\r\n',
    ],
    ["[install]", '[install]\nregistry = "https://a.test"'],
    ["install = { frozenLockfile = true }\n", undefined],
    ["[install", undefined],
  ])("edits %p", (text, edited) => {
    expect(withRegistries(text, { default: "https://a.test" })).toBe(edited);
  });
});

describe("install", () => {
  test("installs what is listed", async () => {
    const guarded = await Guarded.plain();
    guarded.clean();
    await guarded.refused("install", 4, "the record lists no packages");
    await guarded.done("lock");
    await guarded.done("install");
    expect(existsSync(join(guarded.folder, "node_modules", "outer", "index.js"))).toBe(true);
    guarded.clean();
    await guarded.done("ci --production --silent");
    expect(existsSync(join(guarded.folder, "node_modules", "outer", "index.js"))).toBe(true);
  });

  testWith("strace")(
    "starts Bun once, and reads each file of the project as often as it must",
    async () => {
      const guarded = await Guarded.plain();
      await guarded.done("lock");
      const { folder, env, lock } = guarded.project;
      const log = join(temporaryFolder(), "trace");
      const command = [BUN, ...CLEAN_OPTIONS, CLI, "install"];
      const traced = ["strace", "-f", "-o", log, "-e", "trace=open,openat,execve", ...command];
      const { exitCode, stderr } = await run(traced, { cwd: folder, env, timeoutMs: 60_000 });
      expect(exitCode, stderr).toBe(0);
      const calls = readFileSync(log, "utf8").split("\n");
      const [own = ""] = (calls[0] ?? "").split(" ");
      expect(calls.filter((line) => line.includes("execve("))).toHaveLength(2);
      const opened = calls.filter((line) => line.startsWith(`${own} `));
      const times = (file: string): number =>
        opened.filter((line) => line.includes(`"${join(folder, file)}"`)).length;
      expect(lock).toContain('"outer"');
      expect(times("node_modules/outer/package.json")).toBe(1);
      expect(times("bunfig.lockb")).toBe(1);
      // Before Bun ran, and after it.
      expect(times("bun.lock")).toBe(2);
    },
  );

  test.each([
    ["bun.lock", /sha512-[A-Za-z0-9+/]+==/, "", 4, "is not what the record lists"],
    ["bun.lock", "http://127.0.0.1", "http://localhost", 4, "is not what the record lists"],
    ["bunfig.toml", "registry = ", 'registry = "http://127.0.0.1:9/" #', 1, "ask other registries"],
    [
      "bunfig.toml",
      "[install]",
      '[install.scopes]\n"@x" = "http://127.0.0.1:9/"\n[install]',
      1,
      "@x: http://127.0.0.1:9",
    ],
    [
      "bunfig.toml",
      "[install]",
      'preload = ["./evil.ts"]\n[install]',
      4,
      "settings of bunfig.toml",
    ],
    [
      "bunfig.toml",
      "[install]",
      '[install.security]\nscanner = "./evil.ts"\n[install]',
      4,
      "settings of bunfig.toml",
    ],
    [".npmrc", /^/, "cafile=./evil.pem\n", 4, "new: .npmrc"],
    [".npmrc", /^/, "cafile=./evil:_auth=.pem\n", 4, "new: .npmrc"],
    [".npmrc", /^/, "@scope:registry=http://127.0.0.1:9\n", 1, "@scope: http://127.0.0.1:9"],
    ["package.json", "{", '{"scripts":{"preinstall":"./evil"},', 4, "scripts of package.json"],
    // Of two, Bun takes the first.
    ["package.json", "{", '{"scripts":{"preinstall":"./evil"},"scripts":{},', 4, "stands twice"],
    // Bun goes by this file, and finds nothing wrong with a bun.lock that says nothing of it.
    ["package.json", "{", '{"trustedDependencies":["outer"],', 4, "new: trustedDependencies"],
    ["package.json", "{", '{"trustedDependencies":{"outer":true},', 4, "is no list of names"],
  ])("is refused before anything is fetched: %s", async (file, from, to, code, message) => {
    const guarded = await Guarded.plain();
    await guarded.done("lock");
    guarded.clean();
    guarded.edit(file, from, to);
    await guarded.refused("install", code, message);
    expect(existsSync(join(guarded.folder, "node_modules"))).toBe(false);
  });

  test("hears no variable that would lead it elsewhere", async () => {
    const guarded = await Guarded.plain();
    await guarded.done("lock");
    guarded.clean();
    const elsewhere = { BUN_CONFIG_REGISTRY: "http://127.0.0.1:9" };
    await guarded.refused("install", 1, "(BUN_CONFIG_REGISTRY)", elsewhere);
    await guarded.refused("install --registry http://127.0.0.1:9", 1, "(--registry)");
    for (const words of ["--config=x", "-c x", "--cwd .", "--no-verify", "-g"]) {
      await guarded.refused(`install ${words}`, 2, "past what is checked");
    }
    writeFiles(guarded.folder, { ".env": "BUN_CONFIG_REGISTRY=http://127.0.0.1:9\n" });
    const { exitCode } = await guarded.run("install", {
      BUN_OPTIONS: "--registry=http://127.0.0.1:9",
    });
    expect(exitCode).toBe(0);
  });

  test("asks before a package whose scripts package.json alone lets run is listed", async () => {
    const guarded = await Guarded.plain();
    await guarded.done("lock");
    const restore = guarded.edit("package.json", "{", '{"trustedDependencies":["outer"],');
    await guarded.refused("lock", 4, "--allow trusted");
    await guarded.done("lock --allow trusted");
    await guarded.done("install");
    restore();
    await guarded.refused("install", 4, "gone: ");
    // Without a list, Bun has one of its own.
    guarded.edit("package.json", "{", '{"trustedDependencies":[],');
    await guarded.done("lock");
    guarded.edit("package.json", '"trustedDependencies":[],', "");
    await guarded.refused("install", 4, "gone: 1");
  });

  test("takes nobody's files for node_modules, where that is a link out of the project", async () => {
    const guarded = await Guarded.plain();
    await guarded.done("lock");
    const mine = join(guarded.folder, "..", "mine");
    writeFiles(mine, { "inner/own.txt": "mine" });
    guarded.clean();
    symlinkSync("../mine", join(guarded.folder, "node_modules"));
    await guarded.refused("install", 4, `leads to ${mine}, outside of the project`);
    expect(readFileSync(join(mine, "inner", "own.txt"), "utf8")).toBe("mine");
    rmSync(join(guarded.folder, "node_modules"));
    mkdirSync(join(guarded.folder, "elsewhere"));
    symlinkSync("elsewhere", join(guarded.folder, "node_modules"));
    await guarded.done("install");
  });

  test("finds a package that nobody locked", async () => {
    const guarded = await Guarded.plain();
    await guarded.done("lock");
    await guarded.done("install");
    const hidden = join(guarded.folder, "node_modules", "outer", "node_modules", "hidden");
    writeFiles(hidden, { "package.json": '{"name":"hidden","version":"1.0.0"}' });
    const { exitCode, stderr } = await guarded.run("install");
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining("hidden@1.0.0")]);
    // Nor does one whose manifest is a pipe keep the gate waiting.
    rmSync(join(hidden, "package.json"));
    await run(["mkfifo", join(hidden, "package.json")]);
    const piped = await guarded.run("install");
    expect([piped.exitCode, piped.stderr]).toEqual([4, expect.stringContaining("(no name)")]);
  });

  test("finds what a program would load and nobody locked, whatever it is", async () => {
    const guarded = await Guarded.plain();
    await guarded.done("lock");
    await guarded.done("install");
    const modules = join(guarded.folder, "node_modules");
    const foreign = join(guarded.folder, "..", "foreign");
    writeFiles(foreign, { "package.json": '{"name":"foreign","version":"1.0.0"}' });
    const strangers: { readonly [path: string]: (path: string) => void } = {
      "a-link": (path) => symlinkSync(foreign, path),
      "@scope/a-link": (path) => symlinkSync(foreign, path),
      "no-manifest": (path) => writeFiles(path, { "index.js": "evil()" }),
      "a-file.js": (path) => writeFileSync(path, "evil()"),
      // Nearer to the one that asks for it than the one that is locked.
      "@scope/peer/node_modules/inner": (path) => writeFiles(path, { "index.js": "evil()" }),
      "@scope/peer/node_modules/inner.js": (path) => writeFileSync(path, "evil()"),
    };
    for (const [name, put] of Object.entries(strangers)) {
      const path = join(modules, name);
      mkdirSync(join(path, ".."), { recursive: true });
      put(path);
      for (const words of ["install", "install --strict"]) {
        const { exitCode, stderr } = await guarded.run(words);
        // With --strict, Bun puts each package where it was anew.
        if (!existsSync(path)) continue;
        expect({ name, words, exitCode, stderr }).toEqual({
          name,
          words,
          exitCode: 4,
          stderr: expect.stringContaining(path),
        });
      }
      rmSync(path, { recursive: true, force: true });
    }
    // Nothing that could be loaded.
    mkdirSync(join(modules, "empty", "node_modules"), { recursive: true });
    symlinkSync("nowhere", join(modules, "leads-nowhere"));
    await guarded.done("install --strict");
  });

  test("finds a package in another's place, whatever its manifest says", async () => {
    const guarded = new Guarded(await motleyProject(temporaryFolder(), registry));
    await guarded.done(`bootstrap --registry ${registry.url}`);
    await guarded.done("lock --allow git,url,file,patch,override,trusted");
    await guarded.done("install");
    // The workspace's own code finds it first, and the name is one that no registry answers for.
    for (const [name, version] of [
      ["member", "0.1.0"],
      ["two", "1.0.0"],
    ]) {
      const place = join(guarded.folder, "packages", "member", "node_modules", "one");
      writeFiles(place, {
        "package.json": JSON.stringify({ name, version }),
        "index.js": "evil()",
      });
      for (const words of ["install", "install --strict"]) {
        const { exitCode, stderr } = await guarded.run(words);
        expect([exitCode, stderr]).toEqual([4, expect.stringContaining(`${place}: ${name}@`)]);
      }
      rmSync(place, { recursive: true });
    }
    await guarded.done("install --strict");
  });

  test("follows the links of Bun's isolated installs, and no others", async () => {
    const guarded = await Guarded.plain();
    await guarded.done("lock");
    const isolated = "install --linker isolated";
    await guarded.done(isolated);
    const modules = join(guarded.folder, "node_modules");
    expect(lstatSync(join(modules, "outer")).isSymbolicLink()).toBe(true);
    await guarded.done(`${isolated} --strict`);
    const evil = join(modules, ".bun", "evil");
    writeFiles(evil, { "package.json": '{"name":"evil","version":"1.0.0"}' });
    for (const place of [modules, join(modules, ".bun", "node_modules")]) {
      mkdirSync(place, { recursive: true });
      const link = join(place, "evil");
      symlinkSync(evil, link);
      const { exitCode, stderr } = await guarded.run(isolated);
      expect([exitCode, stderr]).toEqual([4, expect.stringContaining(link)]);
      rmSync(link);
    }
  });

  test("--strict finds a changed file and a poisoned cache, which Bun does not", async () => {
    const guarded = await Guarded.plain();
    await guarded.done("lock");
    await guarded.done("install --strict");
    const cached = readFileSync(join(guarded.folder, "node_modules", "inner", "index.js"), "utf8");
    writeFileSync(join(guarded.folder, "node_modules", "inner", "index.js"), "evil()");
    await guarded.done("install");
    await guarded.done("install --strict");
    expect(readFileSync(join(guarded.folder, "node_modules", "inner", "index.js"), "utf8")).toBe(
      cached,
    );
    writeFileSync(join(guarded.folder, "node_modules", "inner", "more.js"), "evil()");
    const more = await guarded.run("install --strict");
    if (more.exitCode !== 0) expect(more.stderr).toContain("inner@2.0.0: more.js");
    else expect(existsSync(join(guarded.folder, "node_modules", "inner", "more.js"))).toBe(false);
  });
});

describe("add, update and remove", () => {
  test("show what comes, ask, list it, and install it", async () => {
    const guarded = await Guarded.plain();
    await guarded.done("lock");
    publishPackage(registry, "fresh", "1.0.0", { scripts: { postinstall: "exit 1" } });
    const manifest = readFileSync(join(guarded.folder, "package.json"), "utf8");
    const asked = await guarded.run("add fresh");
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain("+ fresh@1.0.0, published 2026-11-01");
    expect(asked.stderr).toContain("HAS AN INSTALL SCRIPT");
    expect(readFileSync(join(guarded.folder, "package.json"), "utf8")).toBe(manifest);
    await guarded.done("lock --check");
    const added = await guarded.done("add fresh --yes");
    expect(added).not.toContain("- outer");
    expect(existsSync(join(guarded.folder, "node_modules", "fresh", "index.js"))).toBe(true);
    await guarded.done("lock --check");
    await guarded.done("remove fresh --yes");
    expect(existsSync(join(guarded.folder, "node_modules", "fresh"))).toBe(false);
    expect(readFileSync(join(guarded.folder, "package.json"), "utf8")).not.toContain("fresh");
    publishPackage(registry, "inner", "2.1.0");
    expect(await guarded.done("update inner --yes")).toContain("+ inner@2.1.0");
  });

  test("what cannot be resolved, or breaks a rule, changes nothing", async () => {
    const guarded = await Guarded.plain();
    await guarded.done("lock");
    const state = () =>
      ["package.json", "bun.lock", "bunfig.lockb"].map((name) =>
        readFileSync(join(guarded.folder, name)).toString("hex"),
      );
    const before = state();
    expect((await guarded.run("add absent --yes")).exitCode).toBe(1);
    expect(state()).toEqual(before);
    const byUrl = await guarded.run(`add ${registry.url}/outer/-/1.0.0.tgz --yes`);
    expect([byUrl.exitCode, byUrl.stderr]).toEqual([4, expect.stringContaining("--allow url")]);
    expect(state()).toEqual(before);
    // Bun deletes a lockfile without packages.
    const none = await guarded.run("remove outer inner @scope/peer other --yes");
    expect([none.exitCode, none.stderr]).toEqual([
      4,
      expect.stringContaining("no package would be left"),
    ]);
    expect(state()).toEqual(before);
  });
});

/** Sends a signal to `add` when a package is asked for that often; the registry does not answer that time. */
async function endedAt(ask: number, signal: NodeJS.Signals) {
  const guarded = await Guarded.plain();
  await guarded.done("lock");
  publishPackage(registry, "late", "1.0.0");
  const state = () =>
    ["package.json", "bun.lock", "bunfig.lockb"].map((name) =>
      readFileSync(join(guarded.folder, name), "utf8"),
    );
  const before = state();
  let asked = 0;
  let isAskerGone = false;
  registry.isHeld = (path, { socket }) => {
    if (path !== "/late" || ++asked < ask) return false;
    socket.once("close", () => (isAskerGone = true));
    return true;
  };
  try {
    const child = Bun.spawn([BUN, ...CLEAN_OPTIONS, CLI, "add", "late", "--yes"], {
      cwd: guarded.folder,
      env: guarded.project.env,
      stdio: ["ignore", "ignore", "ignore"],
    });
    await until(() => asked === ask);
    const during = state();
    child.kill(signal);
    const exitCode = await child.exited;
    await until(() => isAskerGone);
    return { exitCode, during, after: state(), before };
  } finally {
    registry.isHeld = () => false;
  }
}

describe("a signal during add", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s puts back what Bun resolved", async (signal, code) => {
    const { exitCode, during, after, before } = await endedAt(2, signal);
    expect(during).not.toEqual(before);
    expect({ exitCode, after }).toEqual({ exitCode: code, after: before });
  });

  test("ends Bun, too, which would write later", async () => {
    const { exitCode, after, before } = await endedAt(1, "SIGTERM");
    expect({ exitCode, after }).toEqual({ exitCode: 143, after: before });
  });
});

describe("init --gate", () => {
  beforeAll(buildPackage, PROCESS_TESTS_TIMEOUT_MS);

  test("lets a bare bun install ask the record, and --undo gives every byte back", async () => {
    const guarded = await Guarded.plain();
    const { folder, project } = guarded;
    const bunfig = () => readFileSync(join(folder, "bunfig.toml"), "utf8");
    const before = bunfig();
    await guarded.done("init --gate --yes");
    await guarded.done("lock");
    const tarballs = () => registry.requests.filter(({ path }) => path.endsWith(".tgz")).length;
    guarded.clean();
    // Nothing is there to check with.
    const first = await runBun(project, ["install"]);
    expect(first.stderr).toContain("this install is not checked");
    expect(first.exitCode).toBe(0);
    symlinkSync(REPOSITORY, join(folder, "node_modules", "immuconfig"));
    expect(await runBun(project, ["install"])).toMatchObject({ exitCode: 0 });
    publishPackage(registry, "unseen", "1.0.0");
    const fetched = tarballs();
    const added = await runBun(project, ["add", "unseen"]);
    expect(added.exitCode).not.toBe(0);
    expect(added.stdout + added.stderr).toContain("unseen@1.0.0 is not in the list of the record");
    const restore = guarded.edit("bun.lock", "inner@2.0.0", "inner@1.0.0");
    const changed = await runBun(project, ["install", "--frozen-lockfile"]);
    expect(changed.exitCode).not.toBe(0);
    expect(changed.stdout + changed.stderr).toContain("is not what the record lists");
    restore();
    const elsewhere = {
      ...project,
      env: { ...project.env, BUN_CONFIG_REGISTRY: "http://[::1]:9" },
    };
    const asked = await runBun(elsewhere, ["install"]);
    expect(asked.stdout + asked.stderr).toContain("Bun would ask other registries");
    expect(tarballs()).toBe(fetched);
    // A formatter has had it meanwhile.
    guarded.edit("immuconfig-gate.mjs", "return []", "return [ ]");
    await guarded.done("init --undo --yes");
    expect(bunfig()).toBe(before);
    expect(existsSync(join(folder, "immuconfig-gate.mjs"))).toBe(false);
  });
});

describe("a signed record", () => {
  let agent: SshAgent;
  beforeAll(async () => {
    agent = await startSshAgent(temporaryFolder());
    await agent.addKey("ed25519", "me@example.test");
  });
  afterAll(() => agent.stop());

  test("guards the install: whoever cannot sign cannot change what is installed", async () => {
    const guarded = await Guarded.plain();
    const own = { SSH_AUTH_SOCK: agent.env["SSH_AUTH_SOCK"] ?? "" };
    await guarded.done("lock");
    for (const words of ["trust add me@example.test --yes", "sign --yes", "install"]) {
      const { exitCode, stderr } = await guarded.run(words, own);
      expect({ words, exitCode, stderr }).toMatchObject({ exitCode: 0 });
    }
    guarded.clean();
    await guarded.done("install");
    // A start and a build see whether the gate was passed by.
    const index = JSON.stringify(join(REPOSITORY, "src", "index_bun.ts"));
    writeFiles(guarded.folder, {
      "start.ts": `import { load } from ${index}; load({ trust: "required" }); console.log("on");`,
    });
    const start = () => run([BUN, "start.ts"], { cwd: guarded.folder, env: guarded.project.env });
    const build = "build start.ts --target bun --locked --outdir out";
    expect(await start()).toMatchObject({ exitCode: 0, stdout: "on\n" });
    await guarded.done(build);
    const stranger = join(guarded.folder, "node_modules", "stranger");
    writeFiles(stranger, { "package.json": '{"name":"stranger","version":"1.0.0"}' });
    expect((await start()).stderr).toContain("stranger@1.0.0");
    expect((await guarded.run(build)).exitCode).toBe(4);
    rmSync(stranger, { recursive: true });
    const restore = guarded.edit("bun.lock", "inner@2.0.0", "inner@2.0.1");
    expect((await start()).stderr).toContain("is not what the record lists");
    expect((await guarded.run(build)).exitCode).toBe(4);
    restore();
    publishPackage(registry, "later", "1.0.0");
    const refused = await guarded.run("add later --yes");
    expect([refused.exitCode, refused.stderr]).toEqual([5, expect.stringContaining("no key of")]);
    await guarded.done("lock --check");
    expect((await guarded.run("add later --yes", own)).exitCode).toBe(0);
    // An attacker lists the packages anew, in a record of their own.
    guarded.edit("bun.lock", '"later@1.0.0"', '"outer@1.0.0"');
    rmSync(join(guarded.folder, "bunfig.lockb"));
    const home = join(temporaryFolder(), "home");
    mkdirSync(home);
    await guarded.run(`bootstrap --registry ${registry.url}`, { HOME: home });
    await guarded.run("lock", { HOME: home });
    await guarded.refused("install", 4, "the file is not signed");
  });
});

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  bootstrapFile,
  command,
  NO_HOME,
  pathWithBun,
  writeFiles,
  PROCESS_TESTS_TIMEOUT_MS,
} from "../support/cli.ts";
import { buildPackage } from "../support/project.ts";
import { CLI, REPOSITORY } from "../support/repository.ts";
import { BUN } from "../support/run.ts";
import { PRELOAD } from "../../src/cli/commands/setup/project/bunfig_toml.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

const MANIFEST = '{\n  "name": "shop",\n  "dependencies": { "immuconfig": "0.1.0" }\n}\n';
const REGISTRY = ["--registry", "https://registry.example.test"];

beforeAll(buildPackage);

/** Every file of a folder, by name. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => !entry.isDirectory(),
  );
  return Object.fromEntries(
    files.map(({ name }) => [name, readFileSync(join(folder, name), "latin1")]),
  );
}

/** Bun starts nothing in a folder whose preload is not installed. */
function installPackage(folder: string): void {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(REPOSITORY, join(folder, "node_modules", "immuconfig"));
}

describe("init --yes", () => {
  test("sets the project up, once; --undo --purge gives it back to the byte", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, {
      "package.json": MANIFEST,
      "bunfig.toml": "# ours\n[install]\nexact = true",
      ".gitattributes": "*.png binary\n",
    });
    installPackage(cwd);
    const before = contents(cwd);
    const first = await command(["init", "--yes", ...REGISTRY], { cwd });
    expect({ exitCode: first.exitCode, stderr: first.stderr }).toEqual({ exitCode: 0, stderr: "" });
    const after = contents(cwd);
    expect(Object.keys(after).toSorted()).toEqual(
      [
        ".gitattributes",
        "bunfig.lockb",
        "bunfig.lockb.txt",
        "bunfig.toml",
        "package.json",
      ].toSorted(),
    );
    expect((await command(["get", "--json"], { cwd })).stdout).toContain(
      '"features":{"DEBUG":false}',
    );
    expect(JSON.parse(after["package.json"] ?? "").scripts.config).toBe("bun-config");
    expect(Bun.TOML.parse(after["bunfig.toml"] ?? "")).toMatchObject({
      preload: PRELOAD,
      test: { preload: PRELOAD },
      install: { exact: true },
    });
    expect(after[".gitattributes"]).toBe(
      "*.png binary\nbunfig.lockb -text diff=immuconfig merge=immuconfig\n" +
        "bunfig.lockb.txt -text merge=immuconfig\n",
    );
    for (const line of [`create ${cwd}/bunfig.lockb`, '+    "config": "bun-config",']) {
      expect(first.stdout).toContain(line);
    }

    const second = await command(["init", "--yes"], { cwd });
    expect(second.stdout).toBe("There is nothing to do.\n");
    expect(contents(cwd)).toEqual(after);

    await command(["types"], { cwd });
    const undone = await command(["init", "--undo", "--yes"], { cwd });
    expect(undone.exitCode).toBe(0);
    const { "immuconfig-env.d.ts": types = "", ...kept } = contents(cwd);
    expect(types).toContain("DEBUG");
    expect(kept).toEqual({ ...before, "bunfig.lockb": after["bunfig.lockb"] ?? "" });
    expect((await command(["init", "--undo", "--purge", "--yes"], { cwd })).exitCode).toBe(0);
    expect(contents(cwd)).toEqual(before);
    const again = await command(["init", "--undo", "--purge", "--yes"], { cwd });
    expect(again.stdout).toBe("There is nothing to do.\n");
  });

  test("takes the registry of bunfig.toml, in either form, unless one is named", async () => {
    const forms = [
      'registry = "https://npm.acme.test/"',
      'registry = { url = "https://npm.acme.test" }',
    ];
    for (const form of forms) {
      const cwd = temporaryFolder();
      writeFiles(cwd, { "package.json": "{}", "bunfig.toml": `[install]\n${form}\n` });
      await command(["init", "--yes"], { cwd });
      expect((await command(["get", "registry.url"], { cwd })).stdout).toBe(
        "https://npm.acme.test\n",
      );
    }
    const cwd = temporaryFolder();
    writeFiles(cwd, { "package.json": "{}", "bunfig.toml": `[install]\n${forms[0]}\n` });
    await command(["init", "--yes", ...REGISTRY], { cwd });
    const registry = await command(["get", "registry.url"], { cwd });
    expect(registry.stdout).toBe("https://registry.example.test\n");
    const other = await command(["init", "--yes", "--registry", "https://npm.acme.test"], { cwd });
    expect(other.stdout).toContain("keeps it; change it with `bun-config set registry`");
  });

  test("leaves the preload out where immuconfig is no dependency of the program", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "package.json": '{"devDependencies":{"immuconfig":"0.1.0"}}' });
    const { stdout } = await command(["init", "--yes", ...REGISTRY, "--json"], { cwd });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ file: `${cwd}/bunfig.lockb`, done: true, fileAction: "create" });
    expect(report.changes.map((change: { path: string }) => change.path)).toEqual([
      `${cwd}/package.json`,
      `${cwd}/.gitattributes`,
      `${cwd}/bunfig.lockb.txt`,
    ]);
    expect(report.notes).toHaveLength(1);
    expect(report.notes[0]).toContain("bun add immuconfig");
    expect(existsSync(join(cwd, "bunfig.toml"))).toBe(false);
  });

  test.each([
    ["npm/11.0.0 node/v24.0.0", "npx immuconfig doctor"],
    ["bun/1.4.5 npm/? node/v24.3.0", "bunx immuconfig doctor"],
    ["pnpm/10.0.0 npm/?", "pnpm immuconfig doctor"],
    [undefined, "bun-config doctor"],
  ])("ends with what to type next, as it was started: %s", async (agent, next) => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "package.json": "{}" });
    const env = { npm_config_user_agent: agent };
    const { stdout } = await command(["init", "--yes", ...REGISTRY], { cwd, env });
    expect(stdout).toEndWith(`\nDone. \`${next}\` shows what else there is to do.\n`);
  });

  test("works on the project of a folder below, and without package.json", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "package.json": "{}", "src/deep/a.ts": "", "bare/a.ts": "" });
    expect(
      (await command(["init", "--yes", ...REGISTRY], { cwd: `${cwd}/src/deep` })).exitCode,
    ).toBe(0);
    expect(existsSync(join(cwd, "bunfig.lockb"))).toBe(true);
    const bare = temporaryFolder();
    const { exitCode, stdout } = await command(["init", "--yes", ...REGISTRY], { cwd: bare });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("There is no");
  });

  test("follows a symbolic link, and keeps it", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "real/manifest.json": "{}\n" });
    symlinkSync("real/manifest.json", join(cwd, "package.json"));
    await command(["init", "--yes", ...REGISTRY], { cwd });
    expect(readFileSync(join(cwd, "real/manifest.json"), "utf8")).toContain("bun-config");
  });

  test("the registry is that of the project's own files, without its credentials", async () => {
    for (const [name, text] of [
      ["bunfig.toml", '[install]\nregistry = "https://u:p@own.example.test"\n'],
      [".npmrc", "registry=https://u:p@own.example.test/\n"],
    ] as const) {
      const cwd = temporaryFolder();
      writeFiles(cwd, { "package.json": "{}", [name]: text });
      const env = { BUN_CONFIG_REGISTRY: "https://mine.example.test" };
      await command(["init", "--yes"], { cwd, env });
      const { stdout } = await command(["get", "registry.url"], { cwd });
      expect(stdout).toBe("https://own.example.test\n");
    }
  });

  test("a registry that is none changes nothing, wherever it comes from", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, {
      "package.json": "{}",
      "bunfig.toml": '[install]\nregistry = "ftp://u:p@registry.example.test"\n',
    });
    const before = contents(cwd);
    for (const words of [["--registry", "nowhere"], []]) {
      const { exitCode, stderr } = await command(["init", "--yes", ...words], { cwd });
      expect(exitCode).toBe(2);
      expect(stderr).not.toContain("u:p");
    }
    expect(contents(cwd)).toEqual(before);
  });
});

describe("asking", () => {
  test("--dry-run shows all and changes nothing", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "package.json": MANIFEST });
    const { exitCode, stdout } = await command(["init", "--dry-run"], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`+preload = "${PRELOAD}"`);
    expect(contents(cwd)).toEqual({ "package.json": MANIFEST });
  });

  test("without a terminal it wants --yes, and shows the plan", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "package.json": MANIFEST });
    const { exitCode, stdout, stderr } = await command(["init"], { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(`create ${cwd}/bunfig.lockb`);
    expect(stderr).toContain("--yes");
    expect(contents(cwd)).toEqual({ "package.json": MANIFEST });
  });

  for (const [answer, exitCode] of [
    ["y\r", 0],
    ["n\r", 1],
    ["\r", 1],
    ["\u0004", 1],
  ] as const) {
    test(`on a terminal, ${JSON.stringify(answer)} ends with ${exitCode}`, async () => {
      const cwd = temporaryFolder();
      writeFiles(cwd, { "package.json": MANIFEST });
      let shown = "";
      const child = Bun.spawn([BUN, CLI, "init", ...REGISTRY], {
        cwd,
        env: { PATH: pathWithBun(), HOME: NO_HOME, TERM: "xterm" },
        timeout: 10_000,
        terminal: {
          cols: 100,
          rows: 30,
          data(terminal, bytes) {
            const asked = shown.includes("[y/N]");
            shown += new TextDecoder().decode(bytes);
            if (!asked && shown.includes("[y/N]")) terminal.write(answer);
          },
        },
      });
      expect(await child.exited).toBe(exitCode);
      expect(shown).toContain("Go ahead?");
      expect(existsSync(join(cwd, "bunfig.lockb"))).toBe(exitCode === 0);
    });
  }
});

describe("--undo", () => {
  test("leaves what others changed since", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "package.json": MANIFEST, "a.ts": "" });
    installPackage(cwd);
    await command(["init", "--yes", ...REGISTRY], { cwd });
    const path = join(cwd, "package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    manifest.scripts.postinstall = `echo first && ${manifest.scripts.postinstall}`;
    manifest.scripts.test = "bun test";
    writeFileSync(path, JSON.stringify(manifest, null, 2));
    writeFileSync(join(cwd, "bunfig.toml"), 'preload = ["immuconfig/register", "./a.ts"]\n');
    await command(["init", "--undo", "--yes"], { cwd });
    expect(JSON.parse(readFileSync(path, "utf8")).scripts).toEqual({
      postinstall: "echo first",
      test: "bun test",
    });
    expect(readFileSync(join(cwd, "bunfig.toml"), "utf8")).toBe('preload = ["./a.ts"]\n');
  });

  test("works with a broken file, and removes it with --purge", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "package.json": "{}" });
    const file = await bootstrapFile(cwd);
    writeFiles(cwd, { "bunfig.lockb": "broken", ".bunfig.lockb.new": "left" });
    const { exitCode } = await command(["init", "--undo", "--purge", "--yes"], { cwd });
    expect(exitCode).toBe(0);
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(cwd)).toEqual(["package.json"]);
  });
});

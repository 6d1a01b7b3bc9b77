import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bunProduct, currentHost } from "../../src/upgrade/product.ts";
import { cli } from "../support/cli.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run as runProgram, type RunResult } from "../support/run.ts";
import { packRelease, packTarball } from "../support/tarball.ts";
import { fakeBun, UpgradeFixture } from "../support/upgrade_fixture.ts";

// Every command is a process of its own, on a machine that may be busy.
setDefaultTimeout(30_000);

const { member, platformPackage } = bunProduct(currentHost());

let fixture: UpgradeFixture;
/** The folder of a project whose record pins the test registry. */
let project: string;

beforeEach(async () => {
  fixture = await UpgradeFixture.start();
  project = join(fixture.root, "project");
  mkdirSync(project);
  await run("bootstrap");
  await run("set", "registry", fixture.registry.url);
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

async function run(...words: string[]): Promise<RunResult> {
  return cli(words, { cwd: project, env: { HOME: project } });
}

/** Runs a command on the program of the fixture, with the registry's keys. */
async function upgrade(...words: string[]): Promise<RunResult> {
  const keys = fixture.registry.writeKeys(fixture.root);
  return run("upgrade", ...words, "--to", fixture.target, "--registry-keys", keys);
}

function publish(version: string): void {
  const tarball = packRelease(member, fakeBun(version));
  fixture.registry.publish(platformPackage, { version, tarball });
}

function json(text: string): unknown {
  return JSON.parse(text);
}

describe("upgrade", () => {
  test("says what is installed, from where, and what is done", async () => {
    fixture.install("1.4.4");
    publish("1.4.5");
    const { exitCode, stdout, stderr } = await upgrade();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^bun 1\.4\.5 is installed, in [^;]+; back with: bun-config rollback --to/,
    );
    const lines = [
      /^bun 1\.4\.4$/m,
      /^ {2}program +\/.*\/bin\/bun$/m,
      /^ {2}origin +a single program$/m,
      /^ {2}way +replaced in place, kept as .*\/bin\/bun\.prev$/m,
      /^ {2}registry +http:\/\/127\.0\.0\.1:\d+, pinned by .*\/bunfig\.lockb$/m,
      /^ {2}version +1\.4\.4 -> 1\.4\.5$/m,
      /^ {2}download +\d+\.\d MB, sha512 as promised$/m,
      /^ {2}signature +by SHA256:\S+, valid on 2026-11-01$/m,
      /^ {2}provenance +none published$/m,
      /^ {2}unpacked +package\/bin\/bun, \d+\.\d MB, and nothing else$/m,
      /^ {2}ran +it reports 1\.4\.5\+0123456789$/m,
      /^ {2}replaced +\/.*\/bin\/bun, the old one is .*\/bin\/bun\.prev$/m,
      /^ {2}ran again +in its place it reports 1\.4\.5\+0123456789$/m,
    ];
    for (const line of lines) expect(stderr).toMatch(line);
    expect(stderr.trim().split("\n")).toHaveLength(lines.length);
    expect(readFileSync(fixture.target, "utf8")).toBe(fakeBun("1.4.5"));

    const back = await run("rollback", "--to", fixture.target, "--json");
    expect(json(back.stdout)).toEqual({
      product: "bun",
      path: fixture.target,
      from: "1.4.5",
      to: "1.4.4",
    });
    expect(readFileSync(fixture.target, "utf8")).toBe(fakeBun("1.4.4"));
    expect(
      readFileSync(join(project, ".local/state/immuconfig/downgrades.jsonl"), "utf8"),
    ).toContain('"command":"rollback"');
  });

  test("prints JSON", async () => {
    fixture.install("1.4.4");
    publish("1.4.5");
    const { stdout } = await upgrade("--json");
    expect(json(stdout)).toEqual({
      product: "bun",
      path: fixture.target,
      kind: "binary",
      change: "upgrade",
      from: "1.4.4",
      to: "1.4.5",
      signedBy: fixture.registry.keyId,
      provenance: null,
      nanoseconds: expect.any(Number),
    });
  });

  test("--check and --dry-run tell and change nothing", async () => {
    fixture.install("1.4.4");
    publish("1.4.5");
    const check = await upgrade("--check", "--json");
    expect(json(check.stdout)).toEqual({
      product: "bun",
      path: fixture.target,
      kind: "binary",
      change: "upgrade",
      from: "1.4.4",
      to: "1.4.5",
      signedBy: fixture.registry.keyId,
    });
    const dry = await upgrade("--dry-run");
    expect(dry.stdout).toBe("bun 1.4.5 is available\n");
    expect(dry.stderr).toMatch(/would fetch http.*\.tgz\n {2}would write .*bun, .*bun\.prev\n/);
    expect(fixture.names()).toEqual(["bun"]);
  });

  test("offline, --check says so and exits 1", async () => {
    fixture.install("1.4.4");
    await fixture.registry[Symbol.asyncDispose]();
    const { exitCode, stderr } = await upgrade("--check");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/error: cannot reach http.*\n {2}Are you offline\?/);
  });

  test("the record's minimum is a floor, for the way back as well", async () => {
    fixture.install("1.4.4");
    publish("1.4.5");
    expect((await upgrade()).exitCode).toBe(0);
    await run("set", "bun.minimum", "1.4.5");
    const back = await run("rollback", "--to", fixture.target);
    expect(back.exitCode).toBe(5);
    expect(back.stderr).toMatch(
      /Bun 1\.4\.4 is older than 1\.4\.5, the lowest that may run this project/,
    );
    const forced = await run("rollback", "--to", fixture.target, "--allow-downgrade");
    expect(forced.exitCode).toBe(0);
    publish("1.4.3");
    const older = await upgrade("1.4.3");
    expect(older.exitCode).toBe(5);
  });

  test("the user's token reaches its own registry alone, whatever the record pins", async () => {
    fixture.install("1.4.4");
    publish("1.4.5");
    const keys = fixture.registry.writeKeys(fixture.root);
    const words = ["upgrade", "--check", "--to", fixture.target, "--registry-keys", keys];
    const sent = async (url: string): Promise<unknown> => {
      const env = {
        HOME: project,
        IMMUCONFIG_REGISTRY_TOKEN: "secret",
        IMMUCONFIG_REGISTRY_TOKEN_URL: url,
      };
      expect((await cli(words, { cwd: project, env })).exitCode).toBe(0);
      return fixture.registry.requests.at(-1)?.authorization;
    };
    expect(await sent(fixture.registry.url)).toBe("Bearer secret");
    expect(await sent("https://registry.example.test")).toBeFalsy();
  });

  test("an unsigned registry is refused until the user accepts it", async () => {
    fixture.install("1.4.4");
    const tarball = packRelease(member, fakeBun("1.4.5"));
    fixture.registry.publish(platformPackage, { version: "1.4.5", tarball, signatures: [] });
    const refused = await upgrade();
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toMatch(/did not sign .*\n {2}To take it all the same: --unsigned URL/);
    await run("set", "upgrade.unsigned", fixture.registry.url);
    expect((await upgrade()).exitCode).toBe(4);
    expect(readFileSync(fixture.target, "utf8")).toBe(fakeBun("1.4.4"));
    const taken = await upgrade("--unsigned", fixture.registry.url);
    expect(taken.exitCode).toBe(0);
    expect(taken.stderr).toMatch(/signature +none; http:\S+ is accepted without/);
  });

  test("no pin is no reason to stop: npm's registry and no floor", async () => {
    fixture.install("1.4.4");
    const bare = join(fixture.root, "bare");
    mkdirSync(bare);
    const words = ["rollback", "--to", fixture.target];
    const { exitCode, stderr } = await cli(words, { cwd: bare });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("there is no");
  });

  test("wrong words are usage errors", async () => {
    expect((await run("upgrade", "bun", "1.4.5", "more")).exitCode).toBe(2);
    expect((await run("upgrade", "node", "--to", fixture.target)).exitCode).toBe(2);
    expect((await run("upgrade", "--to", project)).exitCode).toBe(2);
    expect((await run("rollback", "1.4.4", "--to", fixture.target)).exitCode).toBe(2);
    expect((await run("upgrade", "--to", join(project, "none", "bun"))).exitCode).toBe(3);
  });
});

test.skipIf(Bun.which("dpkg-query") === null)(
  "a system package's program is left alone",
  async () => {
    const { exitCode, stderr } = await run("upgrade", "--to", Bun.which("dpkg-query") ?? "");
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(
      /belongs to the system package dpkg\n {2}Upgrade it with: apt-get install/,
    );
  },
);

/** A project that has the npm package `bun` 1.4.4 from the test registry. */
async function installDependency(): Promise<void> {
  for (const version of ["1.4.4", "1.4.5"]) {
    publish(version);
    const manifest = { name: "bun", version, bin: { bun: "bin/bun" } };
    const tarball = packTarball([
      { path: "package/package.json", content: JSON.stringify(manifest) },
      { path: "package/bin/bun", content: fakeBun(version) },
    ]);
    fixture.registry.publish("bun", { version, tarball, manifest });
  }
  const dependency = { name: "app", devDependencies: { bun: "1.4.4" } };
  writeFileSync(join(project, "package.json"), JSON.stringify(dependency));
  const env = { HOME: project, BUN_CONFIG_REGISTRY: fixture.registry.url };
  const install = await runProgram([BUN, "install"], { cwd: project, env });
  expect(install.stderr).not.toContain("error:");
}

/** The tools of a machine: the real Bun as the package manager. */
function tools(): string {
  const folder = join(fixture.root, "tools");
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "bun"))) symlinkSync(process.execPath, join(folder, "bun"));
  return folder;
}

async function upgradeDependency(...words: string[]): Promise<RunResult> {
  const keys = fixture.registry.writeKeys(fixture.root);
  const env = { HOME: project, PATH: `${tools()}:/usr/bin:/bin` };
  return cli(["upgrade", ...words, "--registry-keys", keys], { cwd: project, env });
}

/** Runs a command on a pseudo-terminal, and answers its question. */
async function onTerminal(words: readonly string[], answer: string): Promise<string> {
  let shown = "";
  let answered = false;
  const child = Bun.spawn([process.execPath, CLI, ...words], {
    cwd: project,
    env: { HOME: project, PATH: `${tools()}:/usr/bin:/bin`, TERM: "xterm" },
    timeout: 20_000,
    terminal: {
      cols: 200,
      rows: 50,
      data: (terminal, chunk) => {
        shown += Buffer.from(chunk).toString("utf8");
        if (answered || !shown.includes("[y/N]")) return;
        answered = true;
        terminal.write(`${answer}\n`);
      },
    },
  });
  await child.exited;
  child.terminal?.close();
  return shown;
}

describe("a project's dependency", () => {
  test("is upgraded by its package manager, and only when somebody agrees", async () => {
    await installDependency();
    const asked = await upgradeDependency();
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toMatch(/origin +a dependency of .*\/project\n/);
    expect(asked.stderr).toMatch(/command +bun add --exact --dev bun@1\.4\.5\n/);
    expect(asked.stderr).toContain("add --yes");

    const checked = await upgradeDependency("--check", "--json");
    expect(json(checked.stdout)).toMatchObject({ kind: "project", from: "1.4.4", to: "1.4.5" });

    const done = await upgradeDependency("--yes");
    expect(done.stderr).not.toContain("error:");
    expect(done.exitCode).toBe(0);
    expect(done.stdout).toBe("bun 1.4.5 is installed\n");
    const { devDependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    expect(devDependencies).toEqual({ bun: "1.4.5" });

    const back = await cli(["rollback"], { cwd: project, env: { PATH: tools() } });
    expect(back.exitCode).toBe(5);
    expect(back.stderr).toContain("Go back with: bun add --exact --dev bun@VERSION");
  });

  test("asks on a terminal, and takes no for an answer", async () => {
    await installDependency();
    const answers = [
      ["n", "nothing was changed"],
      ["y", "bun 1.4.5 is installed"],
    ] as const;
    for (const [answer, result] of answers) {
      const keys = fixture.registry.writeKeys(fixture.root);
      const shown = await onTerminal(["upgrade", "--registry-keys", keys], answer);
      expect(shown).toContain("Run it? [y/N]");
      expect(shown).toContain(result);
    }
  });
});

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { NO_FLAGS } from "../../src/format/flag_set.ts";
import { BUN, run } from "../support/run.ts";
import { cli, NO_HOME, pathWithBun, writeFiles, PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { CLI } from "../support/repository.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

const FLAGS_ON = {
  ...PLAIN_FILE,
  record: { ...PLAIN_FILE.record, featureFlags: 0b101n },
  flags: [
    { bit: 0, name: "TILL" },
    { bit: 1, name: "QUIET" },
    { bit: 2, name: "DEBUG" },
  ],
};
/** Its record, but for the check byte. */
const RECORD = "014074c8c805000000011850";

/** A folder whose file has TILL and DEBUG on, QUIET off. */
function project(): string {
  const folder = temporaryFolder();
  writeConfigFile(folder, FLAGS_ON);
  return folder;
}

describe("env", () => {
  test("--json has the flags, the pin, and what BUN_OPTIONS held", async () => {
    const cwd = project();
    const options: [existing: string | undefined, expected: string][] = [
      [undefined, "--feature=TILL --feature=DEBUG"],
      ["", "--feature=TILL --feature=DEBUG"],
      ["--smol", "--smol --feature=TILL --feature=DEBUG"],
      ["--feature=DEBUG --smol --feature QUIET", "--smol --feature=TILL --feature=DEBUG"],
      ["--feature=OTHER", "--feature=OTHER --feature=TILL --feature=DEBUG"],
      ['--define=A="--feature=TILL"', '--define=A="--feature=TILL" --feature=TILL --feature=DEBUG'],
    ];
    for (const [existing, expected] of options) {
      const { stdout } = await cli(["env", "--json"], { cwd, env: { BUN_OPTIONS: existing } });
      expect(JSON.parse(stdout)).toEqual({
        BUN_OPTIONS: expected,
        IMMUCONFIG_PIN: expect.stringMatching(new RegExp(`^${RECORD}..@${cwd}/bunfig\\.lockb$`)),
      });
    }
  });

  test("under a pin, has the pinned flags; with pins off, none", async () => {
    const cwd = project();
    const IMMUCONFIG_PIN = `014074c8c80400000001185099@${cwd}/bunfig.lockb`;
    const pinned = await cli(["env", "--json"], { cwd, env: { IMMUCONFIG_PIN } });
    expect(JSON.parse(pinned.stdout)).toEqual({ BUN_OPTIONS: "--feature=DEBUG", IMMUCONFIG_PIN });
    const off = await cli(["env", "--json"], { cwd, env: { IMMUCONFIG_PIN: "off" } });
    expect(JSON.parse(off.stdout)).toEqual({ BUN_OPTIONS: "--feature=TILL --feature=DEBUG" });
  });

  test("without flags and BUN_OPTIONS, it sets no BUN_OPTIONS", async () => {
    const cwd = temporaryFolder();
    writeConfigFile(cwd);
    const { stdout } = await cli(["env", "--shell", "json"], { cwd });
    expect(Object.keys(JSON.parse(stdout))).toEqual(["IMMUCONFIG_PIN"]);
  });

  test("the syntax is that of $SHELL", async () => {
    const cwd = project();
    const first = async (SHELL: string) => (await cli(["env"], { cwd, env: { SHELL } })).stdout;
    expect(await first("/bin/zsh")).toStartWith("export BUN_OPTIONS='");
    expect(await first("/usr/bin/fish")).toStartWith("set -gx BUN_OPTIONS '");
    expect(await first("/opt/pwsh")).toStartWith("$env:BUN_OPTIONS = '");
  });

  for (const shell of ["sh", "bash", "zsh", "fish"]) {
    testWith(shell)(`eval in ${shell} sets hostile values exactly`, async () => {
      const cwd = temporaryFolder();
      const name = "a 'b' \"c\" $d `e` \\ %f, \\'";
      writeFiles(cwd, { [`${name}/x`]: "" });
      writeConfigFile(`${cwd}/${name}`, FLAGS_ON);
      const syntax = shell === "fish" ? "fish" : "sh";
      const script = `eval "$(${BUN} ${CLI} env --shell ${syntax})"; printenv BUN_OPTIONS IMMUCONFIG_PIN`;
      const result = await run([shell, "-c", script], {
        cwd: `${cwd}/${name}`,
        env: { HOME: cwd, BUN_OPTIONS: "--define=A='x'" },
      });
      const path = `${cwd}/${name.replace("%", "%25").replace(",", "%2c")}/bunfig.lockb`;
      const [options, pin, end] = result.stdout.split("\n");
      expect(options).toBe("--define=A='x' --feature=TILL --feature=DEBUG");
      expect(pin?.slice(26)).toBe(`@${path}`);
      expect([end, result.stderr]).toEqual(["", ""]);
    });
  }
});

/** A line of a script that says what is set. */
const here = (name: string): string =>
  `printf '%s|' ${name} "$BUN_OPTIONS" "$IMMUCONFIG_PIN"; echo`;

/** Two projects with one flag, on in the first. */
function twoProjects(): { first: string; second: string } {
  const first = join(temporaryFolder(), "it's *[a] $x");
  const second = temporaryFolder();
  writeFiles(first, { "sub/x": "" });
  writeConfigFile(first, FLAGS_ON);
  writeConfigFile(second, {
    ...FLAGS_ON,
    record: { ...FLAGS_ON.record, featureFlags: NO_FLAGS },
  });
  return { first, second };
}

describe("env, in a shell that goes on to another project", () => {
  for (const shell of ["sh", "dash", "bash", "zsh", "fish"]) {
    testWith(shell)(`${shell} leaves the variables behind`, async () => {
      const { first, second } = twoProjects();
      const isFish = shell === "fish";
      const set = isFish
        ? `${BUN} ${CLI} env --shell fish | source`
        : `eval "$(${BUN} ${CLI} env --shell sh)"`;
      const script = [
        set,
        here("first"),
        "cd sub",
        here("below"),
        `cd '${second}'`,
        here("second"),
        // Nothing of ours is left in the way.
        "cd /",
        here("root"),
      ].join("\n");
      const { stdout, stderr } = await run([shell, "-c", script], {
        cwd: first,
        env: { HOME: second, BUN_OPTIONS: "--smol" },
      });
      const [inFirst, below, inSecond, atRoot] = stdout.split("\n");
      expect(stderr).toBe("");
      expect(inFirst).toContain("--smol --feature=TILL --feature=DEBUG|0");
      expect(below).toContain("--smol --feature=TILL --feature=DEBUG|0");
      expect([inSecond, atRoot]).toEqual(["second|--smol||", "root|--smol||"]);
    });
  }

  testWith("sh")("a program of the next project has its own flags", async () => {
    const { first, second } = twoProjects();
    writeFiles(second, {
      "app.ts": `import { feature } from "bun:bundle"; console.log(feature("DEBUG") ? "on" : "off");`,
    });
    const script = `eval "$(${BUN} ${CLI} env --shell sh)"; cd '${second}'; ${BUN} app.ts`;
    const { stdout } = await run(["sh", "-c", script], { cwd: first, env: { HOME: second } });
    expect(stdout).toBe("off\n");
  });
});

describe("exec", () => {
  test("gives a plain Bun build the flags, and its children the pin", async () => {
    const cwd = project();
    writeFiles(cwd, {
      "app.ts":
        'import { feature } from "bun:bundle";\nif (feature("DEBUG")) console.log("debugging");\n' +
        'if (feature("QUIET")) console.log("quiet");\n',
    });
    const words = ["exec", "--", "bun", "build", "./app.ts", "--minify-syntax"];
    const { exitCode, stdout } = await cli(words, { cwd, env: { PATH: pathWithBun() } });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("debugging");
    expect(stdout).not.toContain("quiet");
    const change = ["exec", "--", BUN, CLI, "feature", "disable", "DEBUG"];
    expect((await cli(change, { cwd })).exitCode).toBe(5);
  });

  test("--file holds for the child, wherever it runs", async () => {
    const cwd = project();
    const elsewhere = temporaryFolder();
    const file = `${cwd}/bunfig.lockb`;
    const words = ["exec", "--file", file, "--", BUN, CLI, "get", "features.TILL"];
    expect((await cli(words, { cwd: elsewhere })).stdout).toBe("true\n");
  });

  test("hands on words, streams and environment, but not this process's .env", async () => {
    const cwd = project();
    writeFiles(cwd, { ".env": "FROM_DOTENV=1\n" });
    const script = 'cat; printf "[%s]" "$@"; echo "$FROM_DOTENV$KEPT"; echo oops >&2; exit 7';
    const { exitCode, stdout, stderr } = await cli(
      ["exec", "--", "sh", "-c", script, "x", "--json", "a b", "-q", "--"],
      { cwd, stdin: "in;", env: { KEPT: "kept" } },
    );
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 7,
      stdout: "in;[--json][a b][-q][--]kept\n",
      stderr: "oops\n",
    });
  });

  test("a signal that ends the child is 128 and its number", async () => {
    const cwd = project();
    const { exitCode } = await cli(["exec", "--", "sh", "-c", "kill -9 $$"], { cwd });
    expect(exitCode).toBe(137);
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    test(`${signal} reaches the child, which decides`, async () => {
      const cwd = project();
      const script = `trap 'echo caught; exit 3' ${signal.slice(3)}; echo ready; while :; do sleep 0.02; done`;
      const child = Bun.spawn([BUN, CLI, "exec", "--", "sh", "-c", script], {
        cwd,
        env: { PATH: process.env["PATH"], HOME: NO_HOME },
        stdio: ["ignore", "pipe", "inherit"],
        timeout: 10_000,
        killSignal: "SIGKILL",
      });
      let shown = "";
      for await (const bytes of child.stdout) {
        if (shown === "") child.kill(signal);
        shown += new TextDecoder().decode(bytes);
      }
      expect(shown).toBe("ready\ncaught\n");
      expect(await child.exited).toBe(3);
    });
  }

  test("a program that is not there is 127, one that cannot be run 126", async () => {
    const cwd = project();
    const missing = await cli(["exec", "--", "no-such-program"], { cwd });
    expect(missing.exitCode).toBe(127);
    expect(missing.stderr).toContain('there is no program "no-such-program"');
    const plain = await cli(["exec", "--", "./bunfig.lockb"], { cwd });
    expect(plain.exitCode).toBe(126);
    expect(plain.stderr).toContain("EACCES");
  });

  test("a Bun below the record's minimum is refused with the reason", async () => {
    const cwd = temporaryFolder();
    writeConfigFile(cwd, {
      ...PLAIN_FILE,
      meta: { ...PLAIN_FILE.meta, bun: { minimum: "99.0.0" } },
    });
    const { exitCode, stdout, stderr } = await cli(["exec", "--", "echo", "ran"], { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: "" });
    expect(stderr).toContain(`Bun ${Bun.version} is older than 99.0.0`);
    const met = { ...PLAIN_FILE.meta, bun: { minimum: Bun.version } };
    writeConfigFile(cwd, { ...PLAIN_FILE, meta: met });
    expect((await cli(["exec", "--", "echo", "ran"], { cwd })).stdout).toBe("ran\n");
  });
});

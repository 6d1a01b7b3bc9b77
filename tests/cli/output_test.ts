import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Output } from "../../src/cli/output/output.ts";
import {
  bootstrapFile,
  cli,
  command,
  PROCESS_TESTS_TIMEOUT_MS,
  writeFiles,
} from "../support/cli.ts";
import { CLI } from "../support/repository.ts";
import { run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

/** What drives a terminal, and what turns the order of letters round. */
// oxlint-disable-next-line no-control-regex -- the characters are the subject
const UNSAFE = /[\0-\u0008\u000b-\u001f\u007f-\u009f\u202e\u2066]/;

/** Sets the title, clears the screen, red by one character, the text from here backwards. */
const EVIL = "a\u001b]0;OWNED\u0007\u001b[2J\u009b[31m\u202eb";

function output(words: readonly string[], showsColors = false) {
  const printed: string[] = [];
  const out = new Output(words, {
    write: (_, text) => void printed.push(text),
    overwrite: (text) => void printed.push(text),
    isTerminal: () => showsColors,
    showsColors: () => showsColors,
    env: {},
  });
  return { out, printed };
}

describe("Output", () => {
  test("shows what drives a terminal as a question mark, and keeps its own styles", () => {
    const { out, printed } = output([], true);
    out.data(null, out.style("red", EVIL));
    out.note(EVIL);
    out.failure(null, EVIL);
    out.progress(EVIL);
    expect(printed[0]).toBe("\u001b[31ma?]0;OWNED??[2J?[31m?b\u001b[0m");
    for (const text of printed.slice(1)) expect(text).not.toMatch(UNSAFE);
  });

  test("takes another's colours out where it writes none itself", () => {
    const { out, printed } = output(["--no-color"], true);
    out.data(null, "a\u001b[31mb");
    expect(printed).toEqual(["a?[31mb"]);
  });

  test("escapes them in JSON, which stays the same value", () => {
    const { out, printed } = output(["--json"]);
    out.data({ name: EVIL }, "");
    expect(printed[0]).not.toMatch(UNSAFE);
    expect(JSON.parse(printed[0] ?? "")).toEqual({ name: EVIL });
  });

  test("leaves what another program reads as it is", () => {
    const { out, printed } = output([]);
    out.program(null, "a\u001b[2Jb");
    expect(printed).toEqual(["a\u001b[2Jb"]);
  });
});

test("-q among other switches is quiet, too", async () => {
  const cwd = temporaryFolder();
  writeFiles(cwd, { "package.json": "{}" });
  const init = ["init", "--registry", "https://registry.example.test", "-yq"];
  expect(await command(init, { cwd })).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
});

test("colours are for a terminal alone, not for a pipe that leads there", async () => {
  const cwd = temporaryFolder();
  await bootstrapFile(cwd);
  const list = `"${process.execPath}" "${CLI}" feature list`;
  const shown = async (line: string): Promise<string> => {
    let text = "";
    const child = Bun.spawn(["sh", "-c", line], {
      cwd,
      env: { PATH: process.env["PATH"], TERM: "xterm" },
      terminal: { data: (_, bytes) => void (text += Buffer.from(bytes).toString()) },
    });
    expect(await child.exited).toBe(0);
    return text;
  };
  expect(await shown(list)).toContain("\u001b[2moff");
  for (const line of [`${list} | cat`, `${list} > out && cat out`]) {
    const text = await shown(line);
    expect(text).toContain("off");
    expect(text).not.toContain("\u001b");
  }
});

describe("no command lets a name of a clone reach the terminal", () => {
  const LINES = [
    "get",
    "verify",
    "inspect",
    "inspect --text",
    "doctor",
    "log",
    "diff HEAD",
    "feature list",
    "set terminal.rows 99",
    "freeze",
    "thaw",
    "live",
    "types",
    "zig-flags",
    "init --dry-run",
    "init --yes",
    "bootstrap",
    "git-setup",
    "merge bunfig.lockb bunfig.lockb bunfig.lockb",
    "resolve",
    "env --shell sh",
    "env --json",
    "check",
    "feature retire DEBUG --keep on --dry-run",
    "verify app.ts",
    "get --file none.lockb",
  ];

  test("in its output of any kind", async () => {
    const root = temporaryFolder();
    const cwd = join(root, EVIL);
    mkdirSync(cwd);
    await bootstrapFile(cwd);
    const app =
      'import { feature } from "bun:bundle";\nif (feature("DEBUG")) console.log(feature("NO"));\n';
    writeFiles(cwd, { "app.ts": app, [`x\u001b[31my.ts`]: app, "package.json": "{}" });
    cpSync(join(cwd, "bunfig.lockb"), join(cwd, "b\u001b[2J.lockb"));
    const git = (...words: string[]) =>
      run(["git", "-C", cwd, "-c", "user.name=A\u001b[31mB", "-c", "user.email=a@b", ...words]);
    await git("init", "--quiet");
    await git("add", "--all");
    await git("commit", "--quiet", "--message", "one");
    for (const line of LINES) {
      const { stdout, stderr } = await command(line.split(" "), { cwd });
      expect([line, UNSAFE.test(stdout + stderr)]).toEqual([line, false]);
    }
    for (const line of ["build app.ts --outdir out", "ledger app.ts", "matrix app.ts"]) {
      const { stdout, stderr } = await cli(line.split(" "), { cwd });
      expect([line, UNSAFE.test(stdout + stderr)]).toEqual([line, false]);
    }
  });
});

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cli, PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { writeConfigFile } from "../support/config_files.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

/** A line up to the cursor, and all that is offered there. */
const CASES: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [["exe"], ["exec"]],
  [
    ["feature", ""],
    ["list", "define", "set", "rename", "enable", "disable", "retire", "DEBUG"],
  ],
  [["feature", "enable", "DE"], ["DEBUG"]],
  [["get", "features.D"], ["features.DEBUG"]],
  [
    ["get", "terminal."],
    ["terminal.mode", "terminal.rows", "terminal.cols"],
  ],
  [["set", "terminal.r"], ["terminal.rows"]],
  [["init", "--re"], ["--registry"]],
  [
    ["feature", "--de"],
    ["--description", "--define"],
  ],
  [["verify", "--file", "bunf"], ["bunfig.lockb"]],
  [["completions", "z"], ["zsh"]],
  [["verify", "bunf"], ["bunfig.lockb"]],
  [
    ["live", "set", ""],
    ["status", "set", "unset", "watch", "DEBUG"],
  ],
  [["feature", "retire", "--b"], ["--bit"]],
  [["prove", "DE"], ["DEBUG"]],
];

/** A project, with the script and a `bun-config` of the sources on the PATH. */
async function setUp(
  shell: string,
): Promise<{ cwd: string; script: string; env: { PATH: string } }> {
  const cwd = temporaryFolder();
  writeConfigFile(cwd);
  const { exitCode, stdout } = await cli(["completions", shell], { cwd });
  expect(exitCode).toBe(0);
  const script = join(cwd, `completions.${shell}`);
  writeFileSync(script, stdout);
  const command = join(cwd, "bun-config");
  writeFileSync(command, `#!/bin/sh\nexec '${BUN}' '${CLI}' "$@"\n`);
  chmodSync(command, 0o755);
  return { cwd, script, env: { PATH: `${cwd}:${process.env["PATH"]}` } };
}

describe("completions", () => {
  testWith("bash")("bash offers what fits", async () => {
    const { cwd, script, env } = await setUp("bash");
    const lines = CASES.map(([words]) => {
      const list = ["bun-config", ...words].map((word) => `'${word}'`).join(" ");
      return `COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _bun_config; echo "\${COMPREPLY[*]}"`;
    });
    const result = await run(["bash", "-c", [`. ${script}`, ...lines].join("\n")], { cwd, env });
    expect(result.stderr).toBe("");
    const offered = result.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" "));
    expect(offered).toEqual(CASES.map(([, words]) => [...words]));
  });

  testWith("zsh")("zsh offers what fits", async () => {
    const { cwd, script, env } = await setUp("zsh");
    // The functions of zsh's own completion need a terminal: these print what they are given.
    const fakes = [
      "compdef() { : }",
      'compadd() { if [[ $1 == -a ]]; then shift; set -- ${(P)1}; else shift; fi; print -r -- "$@" }',
      "_describe() { local -a list=(${(P)2%%:*}); print -r -- ${list%%:*} }",
      "_files() { print -r -- bunfig* }",
    ];
    const lines = CASES.map(([words]) => {
      const list = ["bun-config", ...words].map((word) => `'${word}'`).join(" ");
      return `words=(${list}); CURRENT=${words.length + 1}; _bun_config`;
    });
    const text = [...fakes, `. ${script}`, ...lines].join("\n");
    const result = await run(["zsh", "-f", "-c", text], { cwd, env });
    expect(result.stderr).toBe("");
    const offered = result.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" "));
    for (const [index, [words, expected]] of CASES.entries()) {
      // compadd itself keeps what starts with the word at hand.
      const start = words.at(-1) ?? "";
      expect(offered[index]?.filter((word) => word.startsWith(start))).toEqual([...expected]);
    }
  });

  testWith("fish")("fish offers what fits", async () => {
    const { cwd, script, env } = await setUp("fish");
    for (const [words, expected] of CASES) {
      const line = ["bun-config", ...words].join(" ");
      const result = await run(["fish", "-N", "-c", `source ${script}; complete -C '${line}'`], {
        cwd,
        env: { ...env, HOME: cwd },
      });
      const offered = result.stdout
        .trimEnd()
        .split("\n")
        .map((entry) => entry.split("\t", 1)[0]);
      expect([line, new Set(offered)]).toEqual([line, new Set(expected)]);
    }
  });

  test("outside of a project no flag is offered, and nothing is printed", async () => {
    const { script, env } = await setUp("bash");
    const text = `. ${script}; COMP_WORDS=(bun-config get features.); COMP_CWORD=2; _bun_config; echo "\${COMPREPLY[*]}"`;
    const result = await run(["bash", "-c", text], { cwd: temporaryFolder(), env });
    expect(result).toEqual({ exitCode: 0, stdout: "\n", stderr: "" });
  });
});

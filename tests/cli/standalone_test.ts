// The executable has everything inside: it takes nothing from the folder that it runs in.
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { compileStandalone } from "../../scripts/compile_standalone.ts";
import { COMMANDS, type CommandName } from "../../src/cli/table.ts";
import { NO_HOME, PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../support/cli.ts";
import { commit, hostileClone, WORDS } from "../support/hostile_clone.ts";
import { REPOSITORY } from "../support/repository.ts";
import { run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
let executable: string;

beforeAll(async () => {
  executable = join(temporaryFolder(), "bun-config");
  await compileStandalone(REPOSITORY, executable);
});

function runIn(cwd: string, words: readonly string[]) {
  return run([executable, ...words], {
    cwd,
    env: { HOME: NO_HOME, PATH: "/usr/bin:/bin", TMPDIR: temporaryFolder() },
    timeoutMs: 60_000,
  });
}

test("works in a folder that has nothing but sources", async () => {
  const cwd = temporaryFolder();
  // Not plain: the parser has to look at it.
  writeFiles(cwd, {
    "app.ts":
      'import { feature } from "bun:bundle";\nconst o = `${feature("DEBUG") ? "a" : `b${1}`}`;\nconsole.log(o);\n',
  });
  for (const [line, stdout] of [
    ["bootstrap", /^Bootstrapped/],
    ["check", /^0 errors/m],
    ["build app.ts --outdir out", /^Built 1 module/],
    ["prove DEBUG app.ts", /nothing of them is left/],
    ["ledger app.ts", /^DEBUG/m],
    ["feature retire DEBUG --keep off --yes", /^Rewrote 1 file/],
    ["completions bash", /^complete -F/m],
  ] as const) {
    const ran = await runIn(cwd, line.split(" "));
    expect([line, ran.exitCode, ran.stdout]).toEqual([line, 0, expect.stringMatching(stdout)]);
  }
});

describe("in a hostile clone", () => {
  test.each(Object.keys(COMMANDS))("%s leaves no mark", async (name) => {
    const { folder, marks } = hostileClone(temporaryFolder());
    await commit(folder);
    const words = (WORDS[name as CommandName] ?? "").split(" ").filter(Boolean);
    const { stdout, stderr } = await runIn(folder, [name, ...words]);
    expect({ name, marks: marks() }).toEqual({ name, marks: [] });
    expect(stdout).not.toContain("take my word");
    expect(stderr).not.toContain("unexpected:");
  });
});

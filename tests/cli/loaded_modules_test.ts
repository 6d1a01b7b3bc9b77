import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PACKAGES } from "../../scripts/build/packages.ts";
import { namesTaken } from "../../scripts/build/parts.ts";
import { CLEAN_OPTIONS } from "../../src/cli/clean_start.ts";
import { bootstrapFile, command, NO_HOME } from "../support/cli.ts";
import { buildPackage } from "../support/project.ts";
import { BUILT_CLI, REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

// Bounds a build, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();
const cli = join(REPOSITORY, "dist", "cli");

beforeAll(buildPackage);

/**
 * What takes longer to load than most commands run: only those that cannot do without it, when they come
 * to it, may load it.
 */
const HEAVY = [
  "child_process",
  "crypto",
  "http",
  "https",
  "net",
  "readline/promises",
  "tty",
  "url",
];

const COMMANDS = [
  "git/diff",
  "git/log",
  "git/merge",
  "git/resolve",
  "install/change_packages",
  "install/install",
  "install/lock",
  "install/registry",
  "install/scanner",
  "live/live",
  "record/env",
  "record/exec",
  "record/feature",
  "record/freeze",
  "record/get",
  "record/inspect",
  "record/set",
  "record/verify",
  "setup/types",
];

/** The built-in modules that a built file, and all that it imports, loads before it does anything. */
function builtinsOf(entry: string): ReadonlySet<string> {
  const transpiler = new Bun.Transpiler({ loader: "js" });
  const builtins = new Set<string>();
  const seen = new Set<string>();
  const pending = [entry];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = readFileSync(path, "utf8").replace(/^#!.*/, "");
    for (const { kind, path: target } of transpiler.scanImports(text)) {
      if (kind !== "import-statement") continue;
      if (target.startsWith(".")) pending.push(join(dirname(path), target));
      else builtins.add(target.replace(/^node:/, ""));
    }
  }
  return builtins;
}

describe("what a command loads before it does anything", () => {
  test.each(["config.js", "start.js", ...COMMANDS.map((name) => `commands/${name}.js`)])(
    "%s: no built-in module that takes long",
    (name) => {
      const builtins = builtinsOf(join(cli, name));
      expect(HEAVY.filter((heavy) => builtins.has(heavy))).toEqual([]);
    },
  );

  test("this test sees what is loaded: the doctor starts programs", () => {
    expect(builtinsOf(join(cli, "commands", "setup", "doctor.js"))).toContain("child_process");
  });
});

test.each(["verify", "feature list", "get", "set terminal.rows 30"])(
  "%s ends before the engine has found anything to optimize",
  async (words) => {
    const cwd = temporaryFolder();
    await bootstrapFile(cwd);
    for (let flag = 0; flag < 8; flag++) {
      await command(["feature", "define", `FLAG_${flag}`], { cwd });
    }
    const line = [BUN, ...CLEAN_OPTIONS, BUILT_CLI, ...words.split(" ")];
    const env = { HOME: NO_HOME, BUN_JSC_reportCompileTimes: "1" };
    const { exitCode, stdout, stderr } = await run(line, { cwd, env });
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("using Baseline")]);
    expect(stdout + stderr).not.toContain("using DFG");
  },
);

describe.each(PACKAGES.flatMap((each) => each.shared.map(({ file }) => [file, each] as const)))(
  "what many files share: %s",
  (file, each) => {
    test("holds nothing that none of them takes", () => {
      const text = readFileSync(join(REPOSITORY, each.folder, "dist", file), "utf8");
      const { exports } = new Bun.Transpiler({ loader: "js" }).scan(text);
      expect(new Set(exports)).toEqual(namesTaken(each, file));
    });
  },
);

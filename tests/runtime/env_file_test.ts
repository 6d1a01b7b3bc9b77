/** A project's files have no say about its record: neither a `.env`, nor a pin that nobody set. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile, type File } from "../../src/format/file.ts";
import { recordToText } from "../../src/format/record.ts";
import { isOfThisTree, ownSetter } from "../../src/runtime/setter.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { buildPackage, makeProject, RUNTIMES } from "../support/project.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { isLinux } from "../support/tools.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const withRows = (rows: number): File => ({
  ...PLAIN_FILE,
  record: { ...PLAIN_FILE.record, rows },
});
const FROZEN: File = { ...PLAIN_FILE, frozen: true };
const OTHER = recordToText(withRows(99).record);

const PROGRAM = `import { config, load } from "immuconfig";
  const { openLive } = await import("immuconfig/live");
  console.log(JSON.stringify([config.terminal.rows, load().terminal.rows]));
  process.exit();`;

function project(file: File): string {
  const folder = temporaryFolder();
  makeProject(folder, file);
  writeFileSync(join(folder, "app.mjs"), PROGRAM);
  const scripts = { start: `${BUN} --no-env-file app.mjs` };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", scripts }));
  return folder;
}

const runtime = (folder: string) => ({ IMMUCONFIG_RUNTIME_DIR: join(folder, "runtime") });

describe.each([
  ["frozen", FROZEN],
  ["neither frozen nor signed", PLAIN_FILE],
])("a record that is %s", (_, file) => {
  test("is not replaced by a .env file, in any binding", async () => {
    const folder = project(file);
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "elsewhere", "bunfig.lockb"), encodeFile(withRows(98)));
    const lines = [
      `IMMUCONFIG_PIN=${OTHER}`,
      `IMMUCONFIG_PIN_SETTERS=${ownSetter() ?? "1.1"}`,
      `IMMUCONFIG_FILE=elsewhere/bunfig.lockb`,
      `IMMUCONFIG_TRUSTED_KEYS=${"ab".repeat(32)}`,
      `XDG_CONFIG_HOME=${folder}/elsewhere`,
    ];
    writeFileSync(join(folder, ".env"), lines.join("\n"));
    const env = runtime(folder);
    const ask = async (...command: string[]): Promise<string> => {
      const { stdout, stderr, exitCode } = await run([BUN, ...command], { cwd: folder, env });
      expect({ command, stderr, exitCode }).toEqual({ command, stderr: "", exitCode: 0 });
      return stdout;
    };
    expect(await ask("app.mjs")).toBe("[24,24]\n");
    // A script inherits what `bun run` read from the file.
    expect(await ask("run", "--silent", "start")).toBe("[24,24]\n");
    writeFileSync(
      join(folder, "live.mjs"),
      `import { live } from "immuconfig/live"; console.log(live.pin().record); process.exit();`,
    );
    for (let times = 0; times < 2; times++) {
      expect(await ask("live.mjs")).toBe(`${recordToText(file.record)}\n`);
    }
    writeFileSync(
      join(folder, "worker.mjs"),
      `import { config } from "immuconfig"; postMessage(config.terminal.rows);`,
    );
    writeFileSync(
      join(folder, "main.mjs"),
      `import { config } from "immuconfig";
       const worker = new Worker(new URL("worker.mjs", import.meta.url).href);
       worker.onmessage = ({ data }) => { console.log(config.terminal.rows, data); process.exit(); };`,
    );
    expect(await ask("main.mjs")).toBe("24 24\n");
  });
});

describe.skipIf(!isLinux).each(RUNTIMES)("a pin for a frozen record, under %s", (name, program) => {
  const start = (folder: string, env: Record<string, string>) =>
    run([program, "app.mjs"], { cwd: folder, env: { ...runtime(folder), ...env } });

  test("is an error where it differs, in every binding", async () => {
    const folder = project(FROZEN);
    const env = { IMMUCONFIG_PIN: `${OTHER}@${join(folder, "bunfig.lockb")}` };
    const { stderr, exitCode } = await start(folder, env);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("ERR_PIN");
    // Somebody else's number does not help, nor one that nobody has any more.
    for (const setters of ["1.5", "999999.1", "x", "1.5,1.5"]) {
      const forged = await start(folder, { ...env, IMMUCONFIG_PIN_SETTERS: setters });
      expect([setters, forged.stderr.includes("ERR_PIN")]).toEqual([setters, true]);
    }
    const same = recordToText(FROZEN.record);
    expect((await start(folder, { IMMUCONFIG_PIN: same })).stdout).toBe("[24,24]\n");
    if (name !== "Bun") return;
    for (const words of [["get", "terminal.rows"], ["verify"], ["feature", "list"]]) {
      const said = await run([BUN, CLI, ...words], { cwd: folder, env });
      expect({ words, exitCode: said.exitCode }).toEqual({ words, exitCode: 4 });
      expect(said.stderr).toContain("which is frozen with");
    }
  });

  test("counts where a process above has set it", async () => {
    const folder = project(FROZEN);
    const next = join(folder, "next.lockb");
    writeFileSync(next, encodeFile({ ...withRows(55), frozen: true, generation: 2 }));
    writeFileSync(
      join(folder, "parent.mjs"),
      `import { config } from "immuconfig";
       import { execFileSync } from "node:child_process";
       import { renameSync } from "node:fs";
       renameSync("next.lockb", "bunfig.lockb");
       const child = execFileSync("sh", ["-c", '"$0" app.mjs', process.execPath]);
       console.log(config.terminal.rows, child.toString().trim());`,
    );
    const { stdout, stderr } = await run([program, "parent.mjs"], {
      cwd: folder,
      env: runtime(folder),
    });
    expect({ stdout, stderr }).toEqual({ stdout: "24 [24,24]\n", stderr: "" });
    expect((await start(folder, {})).stdout).toBe("[55,55]\n");
  });
});

test.skipIf(!isLinux)("who set a pin is this process or one above it", () => {
  const own = ownSetter() ?? "";
  expect(own).toMatch(new RegExp(`^${process.pid}\\.\\d+$`));
  expect(isOfThisTree(own)).toBe(true);
  expect(isOfThisTree(own.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)))).toBe(false);
  expect(isOfThisTree("1.1")).toBe(false);
});

test("an escape in a pin makes no second one of it", async () => {
  const folder = project(PLAIN_FILE);
  const own = recordToText(PLAIN_FILE.record);
  const odd = `${own}@/a\\u002c${OTHER}@${join(folder, "bunfig.lockb")}`;
  writeFileSync(
    join(folder, "parent.mjs"),
    `import "immuconfig"; console.log(JSON.stringify(process.env.IMMUCONFIG_PIN));`,
  );
  const { stdout } = await run([BUN, "parent.mjs"], {
    cwd: folder,
    env: { ...runtime(folder), IMMUCONFIG_PIN: odd },
  });
  expect(JSON.parse(stdout)).toBe(`${odd},${own}@${join(folder, "bunfig.lockb")}`);
  renameSync(join(folder, "bunfig.lockb"), join(folder, "gone"));
});

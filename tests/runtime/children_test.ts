import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { recordToText } from "../../src/format/record.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { buildPackage, makeProject, runProgram, RUNTIMES } from "../support/project.ts";
import { BUN } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const CHANGED = {
  ...PLAIN_FILE,
  generation: 2,
  record: { ...PLAIN_FILE.record, featureFlags: 4n },
};
const CHANGED_BASE64 = Buffer.from(encodeFile(CHANGED)).toString("base64");

/** Prints what a child sees: the flag, the generation, and the pin it hands on. */
const CHILD = `
  import { config } from "immuconfig";
  console.log(JSON.stringify([config.features.DEBUG, config.generation]));`;

/** A parent that loads the record, then changes the file, then asks a child. */
function parentOf(ask: string): string {
  return `
    import { config } from "immuconfig";
    import { execFileSync, spawnSync } from "node:child_process";
    import { writeFileSync } from "node:fs";
    writeFileSync("bunfig.lockb", ${JSON.stringify(CHANGED_BASE64)}, "base64");
    const run = process.execPath;
    const child = ${ask};
    console.log(JSON.stringify({ own: config.features.DEBUG, child: JSON.parse(child) }));`;
}

function newProject(): string {
  const folder = temporaryFolder();
  makeProject(folder);
  writeFileSync(join(folder, "child.mjs"), CHILD);
  return folder;
}

const NODE_WAYS = [
  `execFileSync(run, ["child.mjs"]).toString()`,
  `spawnSync(run, ["child.mjs"]).stdout.toString()`,
  `execFileSync(run, ["child.mjs"], { env: { ...process.env, EXTRA: "1" } }).toString()`,
];
const BUN_WAYS = [
  `Bun.spawnSync([run, "child.mjs"]).stdout.toString()`,
  `Bun.spawnSync({ cmd: [run, "child.mjs"] }).stdout.toString()`,
  `await Bun.spawn([run, "child.mjs"]).stdout.text()`,
  `await Bun.spawn({ cmd: [run, "child.mjs"], stdout: "pipe" }).stdout.text()`,
  "await Bun.$`${run} child.mjs`.text()",
];
const WAYS = RUNTIMES.flatMap(([name, runtime]) =>
  [...NODE_WAYS, ...(runtime === BUN ? BUN_WAYS : [])].map((way) => [name, way, runtime] as const),
);

describe("a child sees the parent's record, although the file has changed since", () => {
  test.each(WAYS)("%s: %s", async (_name, way, runtime) => {
    const { stdout, stderr } = await runProgram(runtime, newProject(), parentOf(way));
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ own: false, child: [false, null] });
  });

  test("but not when pins are off", async () => {
    const folder = newProject();
    const { stdout } = await runProgram(BUN, folder, parentOf(NODE_WAYS[0] ?? ""), {
      env: { IMMUCONFIG_PIN: "off" },
    });
    expect(JSON.parse(stdout)).toEqual({ own: false, child: [true, 2] });
  });

  test("through a child that does not load it", async () => {
    const way = `execFileSync("sh", ["-c", run + " child.mjs"]).toString()`;
    const { stdout } = await runProgram(BUN, newProject(), parentOf(way));
    expect(JSON.parse(stdout)).toEqual({ own: false, child: [false, null] });
  });
});

describe("nested projects", () => {
  test("keep their own records, each pinned for its file", async () => {
    const outer = newProject();
    const inner = join(outer, "inner");
    mkdirSync(inner);
    makeProject(inner, { ...CHANGED, generation: 9 });
    writeFileSync(
      join(inner, "middle.mjs"),
      `import { config } from "immuconfig";
       import { execFileSync } from "node:child_process";
       import { writeFileSync } from "node:fs";
       const pins = process.env.IMMUCONFIG_PIN.split(",").length;
       // A child in the outer project, whose file is another by now.
       writeFileSync("../bunfig.lockb", ${JSON.stringify(CHANGED_BASE64)}, "base64");
       const outer = execFileSync(process.execPath, ["child.mjs"], { cwd: ".." }).toString();
       const own = [config.features.DEBUG, config.generation];
       console.log(JSON.stringify({ pins, own, outer: JSON.parse(outer) }));`,
    );
    const { stdout, stderr } = await runProgram(
      BUN,
      outer,
      `import "immuconfig";
       import { execFileSync } from "node:child_process";
       process.stdout.write(execFileSync(process.execPath, ["middle.mjs"], { cwd: "inner" }));`,
    );
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ pins: 2, own: [true, 9], outer: [false, null] });
  });
});

describe.each(RUNTIMES)("IMMUCONFIG_PIN under %s", (_, runtime) => {
  const text = recordToText(CHANGED.record);

  test.each([
    ["without a path binds every file", text, [true, null]],
    ["for another file binds nothing", `${text}@/elsewhere/bunfig.lockb`, [false, 1]],
    ["of the file's own record keeps its generation", recordToText(PLAIN_FILE.record), [false, 1]],
    ["empty is none", "", [false, 1]],
    ["off is none", "off", [false, 1]],
  ])("%s", async (_name, pin, seen) => {
    const folder = newProject();
    const { stdout } = await runProgram(runtime, folder, CHILD, { env: { IMMUCONFIG_PIN: pin } });
    expect(JSON.parse(stdout)).toEqual(seen);
  });

  test.each(["nonsense", `${text}0`, text.replace(/^01/, "00"), `${text},${text}`])(
    "as %p is an error",
    async (pin) => {
      const { exitCode, stderr } = await runProgram(runtime, newProject(), CHILD, {
        env: { IMMUCONFIG_PIN: pin },
      });
      expect(exitCode).toBe(1);
      expect(stderr).toContain("IMMUCONFIG_PIN is not valid");
      expect(stderr).toContain("ERR_PIN");
    },
  );
});

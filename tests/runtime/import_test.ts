import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordToText } from "../../src/format/record.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { buildPackage, makeProject, runProgram, RUNTIMES } from "../support/project.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { readVector } from "../support/vectors.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const PRINT = `
  import { config } from "immuconfig";
  console.log(JSON.stringify(config));`;

const SHOWN = {
  version: 1,
  features: { DEBUG: false },
  registry: { url: "https://registry.example.test", hash: "c8c87440" },
  terminal: { mode: "cooked", rows: 24, cols: 80 },
  record: recordToText(PLAIN_FILE.record),
  generation: 1,
};

describe.each(RUNTIMES)("importing the package under %s", (_, runtime) => {
  test("gives the nearest file's record", async () => {
    const folder = temporaryFolder();
    makeProject(folder);
    const { stdout, stderr, exitCode } = await runProgram(runtime, folder, PRINT);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(JSON.parse(stdout)).toEqual(SHOWN);
  });

  test("gives a value that cannot be changed, at any depth", async () => {
    const folder = temporaryFolder();
    makeProject(folder);
    const { stdout } = await runProgram(
      runtime,
      folder,
      `import { config, load, parse } from "immuconfig";
       import { readFileSync } from "node:fs";
       const open = (value) => typeof value === "object" && value !== null &&
         (!Object.isFrozen(value) || Object.values(value).some(open));
       const views = [config, load("bunfig.lockb"), parse(readFileSync("bunfig.lockb"))];
       console.log(JSON.stringify(views.map(open)));`,
    );
    expect(JSON.parse(stdout)).toEqual([false, false, false]);
  });

  test.each([
    ["no file", undefined, "ERR_NOT_FOUND"],
    ["a broken file", "broken", "ERR_FORMAT"],
  ])("with %s ends in its error", async (_name, content, code) => {
    const folder = temporaryFolder();
    const path = makeProject(folder);
    if (content !== undefined) writeFileSync(path, content);
    const env = content === undefined ? { IMMUCONFIG_FILE: "missing" } : {};
    const { stdout } = await runProgram(
      runtime,
      folder,
      `try { await import("immuconfig"); }
       catch (error) { console.log(error.name, error.code, typeof error.hint); }`,
      { env },
    );
    expect(stdout.trim()).toMatch(new RegExp(`^(FormatError|ImmuconfigError) ${code} string$`));
  });

  test("in a worker thread gives the record of the process", async () => {
    const folder = temporaryFolder();
    makeProject(folder);
    writeFileSync(
      join(folder, "worker.mjs"),
      `import { config } from "immuconfig";
       import { parentPort } from "node:worker_threads";
       parentPort.postMessage({ record: config.record, frozen: Object.isFrozen(config.features) });`,
    );
    const { stdout, stderr } = await runProgram(
      runtime,
      folder,
      `import { config } from "immuconfig";
       import { writeFileSync } from "node:fs";
       import { Worker } from "node:worker_threads";
       // What the file says now is not what the process runs on.
       writeFileSync("bunfig.lockb", ${JSON.stringify(legacyFile())}, "base64");
       const worker = new Worker(new URL("worker.mjs", import.meta.url));
       worker.on("message", (said) => {
         console.log(JSON.stringify([said.record === config.record, said.frozen, config.version]));
         worker.terminate();
       });`,
    );
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([true, true, 1]);
  });

  testWith("strace")("loads no other package", async () => {
    const folder = temporaryFolder();
    makeProject(folder);
    const packagesOf = async (source: string): Promise<string[]> => {
      const program = join(folder, "traced.mjs");
      writeFileSync(program, source);
      const log = join(folder, "trace");
      const { exitCode } = await run(
        ["strace", "-f", "-o", log, "-e", "trace=openat", runtime, program],
        { cwd: folder },
      );
      expect(exitCode).toBe(0);
      const opened = (await Bun.file(log).text()).matchAll(/"([^"]+\.[cm]?js)".*\) = \d+/g);
      return [...opened].flatMap(([, path]) => (path?.includes("/node_modules/") ? [path] : []));
    };
    expect(await packagesOf(PRINT)).toEqual([]);
    // The count does see a package that is loaded.
    const other = join(
      import.meta.dir,
      "..",
      "..",
      "node_modules",
      "fast-check",
      "lib",
      "fast-check.js",
    );
    expect(await packagesOf(`import ${JSON.stringify(other)};`)).not.toEqual([]);
  });
});

test("Bun's own Worker runs on the record of the process", async () => {
  const folder = temporaryFolder();
  makeProject(folder);
  writeFileSync(
    join(folder, "worker.mjs"),
    `import { config } from "immuconfig"; postMessage(config.version);`,
  );
  const { stdout, stderr } = await runProgram(
    BUN,
    folder,
    `import { config } from "immuconfig";
     import { writeFileSync } from "node:fs";
     writeFileSync("bunfig.lockb", ${JSON.stringify(legacyFile())}, "base64");
     const worker = new Worker(new URL("worker.mjs", import.meta.url).href);
     worker.onmessage = ({ data }) => { console.log(config.version, data); worker.terminate(); };`,
  );
  expect({ stdout, stderr }).toEqual({ stdout: "1 1\n", stderr: "" });
});

/** A valid file of another config version, base64. */
function legacyFile(): string {
  return Buffer.from(readVector("valid/legacy_version.lockb")).toString("base64");
}

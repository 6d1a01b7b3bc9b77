import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { buildPackage, makeProject, runProgram, RUNTIMES } from "../support/project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

/** A project that has the package and no record. */
function emptyProject(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(REPOSITORY, join(folder, "node_modules", "immuconfig"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "nothing.mjs"), "export const nothing = 1;\n");
  return folder;
}

/** What a program could see of a change that an import made. */
const WATCHED = `() => JSON.stringify([
  process.env, Object.getOwnPropertySymbols(globalThis).map(String), Object.keys(globalThis),
  process.eventNames().map(String), process.cwd(),
])`;

describe.each(RUNTIMES)("importing immuconfig/core under %s", (_, runtime) => {
  test("needs no record and changes nothing", async () => {
    const { stdout, stderr, exitCode } = await runProgram(
      runtime,
      emptyProject(),
      `const watched = ${WATCHED};
       const { spawn, spawnSync } = globalThis.Bun ?? {};
       const { Worker } = globalThis;
       const before = watched();
       const core = await import("immuconfig/core");
       console.log(JSON.stringify({
         same: watched() === before && globalThis.Worker === Worker &&
           globalThis.Bun?.spawn === spawn && globalThis.Bun?.spawnSync === spawnSync,
         names: Object.keys(core).toSorted(),
       }));`,
    );
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(JSON.parse(stdout)).toEqual({
      same: true,
      names: ["FormatError", "ImmuconfigError", "decode", "encode", "limits", "load", "parse"],
    });
  });

  testWith("strace")("opens nothing but the files of the codec", async () => {
    const folder = emptyProject();
    const opened = async (imported: string): Promise<Set<string>> => {
      writeFileSync(join(folder, "traced.mjs"), `import ${JSON.stringify(imported)};`);
      const log = join(folder, "trace");
      const { exitCode } = await run(
        ["strace", "-f", "-o", log, "-e", "trace=%file", runtime, join(folder, "traced.mjs")],
        { cwd: folder },
      );
      expect(exitCode).toBe(0);
      const paths = (await Bun.file(log).text()).matchAll(/"([^"]*)".* = \d+/g);
      return new Set([...paths].map(([, path = ""]) => path));
    };
    // Both programs look for the modules that they name, and for what any start looks for.
    const others = await opened("./nothing.mjs");
    const added = [...(await opened("immuconfig/core"))].filter((path) => !others.has(path));
    expect(added.filter((path) => path.includes("bunfig.lockb"))).toEqual([]);
    const files = added.filter((path) => /\.(?:js|mjs|node|so|lockb|toml)$/.test(path));
    const names = files.map((path) => path.replace(/^.*\/dist\//, "dist/"));
    expect(names).toContain("dist/core.js");
    const own = new Set(["dist/core.js", "dist/runtime/load.js", "dist/shared.js"]);
    expect(names.filter((name) => !own.has(name))).toEqual([]);
  });

  test("reads, decodes and encodes what it is asked to", async () => {
    const folder = temporaryFolder();
    makeProject(folder);
    const { stdout, stderr } = await runProgram(
      runtime,
      folder,
      `import { decode, encode, FormatError, ImmuconfigError, limits, load, parse } from "immuconfig/core";
       import { readFileSync } from "node:fs";
       const bytes = readFileSync("bunfig.lockb");
       const file = decode(bytes);
       const changed = encode({ ...file, generation: 7, record: { ...file.record, rows: 50 } });
       const codes = [];
       for (const act of [() => parse(changed.slice(0, 50)), () => load("missing")]) {
         try { act(); } catch (error) {
           codes.push([error.code, error instanceof ImmuconfigError, error instanceof FormatError]);
         }
       }
       console.log(JSON.stringify({
         loaded: load("bunfig.lockb").terminal.rows, same: Buffer.compare(encode(file), bytes) === 0,
         rows: parse(changed).terminal.rows, generation: parse(changed).generation, codes,
         bodySizeMax: limits.BODY_SIZE_MAX, pin: process.env.IMMUCONFIG_PIN ?? null,
       }));`,
    );
    expect(stderr).toBe("");
    expect(encodeFile(PLAIN_FILE).length).toBeGreaterThan(50);
    expect(JSON.parse(stdout)).toEqual({
      loaded: 24,
      same: true,
      rows: 50,
      generation: 7,
      codes: [
        ["ERR_FORMAT", true, true],
        ["ERR_NOT_FOUND", true, false],
      ],
      bodySizeMax: 8 * 1024 * 1024,
      pin: null,
    });
  });
});

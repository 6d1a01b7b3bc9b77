import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildPackage, makeProject, runProgram } from "../support/project.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool } from "../support/tools.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

function newProject(): { folder: string; path: string } {
  const folder = temporaryFolder();
  const path = makeProject(folder);
  writeFileSync(join(folder, "bunfig.toml"), 'preload = ["immuconfig/register"]\n');
  return { folder, path };
}

/** Starts, says so, and only then reads `Bun.config`. */
const READ = `
  console.log("started");
  try { console.log(Bun.config.version); }
  catch (error) { console.log(error.code, error instanceof Error); }`;

describe("the preload", () => {
  test("defines Bun.config once and for all", async () => {
    const { folder } = newProject();
    const { stdout, stderr } = await runProgram(
      BUN,
      folder,
      `import { config } from "immuconfig";
       const refused = (action) => { try { action(); return false; } catch { return true; } };
       const { writable, configurable, enumerable, value } =
         Object.getOwnPropertyDescriptor(Bun, "config");
       console.log(JSON.stringify({
         writable, configurable, enumerable,
         same: value === config,
         assigned: refused(() => { Bun.config = {}; }),
         deleted: refused(() => { delete Bun.config; }),
         redefined: refused(() => Object.defineProperty(Bun, "config", { value: {} })),
         frozen: Object.isFrozen(Bun.config) && Object.isFrozen(Bun.config.features),
         pinned: process.env.IMMUCONFIG_PIN.includes(config.record),
       }));`,
    );
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      writable: false,
      configurable: false,
      enumerable: true,
      same: true,
      assigned: true,
      deleted: true,
      redefined: true,
      frozen: true,
      pinned: true,
    });
  });

  test("may be named twice", async () => {
    const { folder } = newProject();
    writeFileSync(join(folder, "program.mjs"), `console.log(Bun.config.version);`);
    const { stdout } = await run(
      [BUN, "--preload", "immuconfig/register", "--preload", "immuconfig/register", "program.mjs"],
      { cwd: folder },
    );
    expect(stdout).toBe("1\n");
  });

  test("lets a program start without a file, and tells why when it is asked", async () => {
    const { folder, path } = newProject();
    rmSync(path);
    const { stdout, exitCode } = await runProgram(BUN, folder, READ);
    expect({ stdout, exitCode }).toEqual({ stdout: "started\nERR_NOT_FOUND true\n", exitCode: 0 });
  });

  test("lets a program start with a broken file, and tells why when it is asked", async () => {
    const { folder, path } = newProject();
    writeFileSync(path, "broken");
    const { stdout } = await runProgram(BUN, folder, READ);
    expect(stdout).toBe("started\nERR_FORMAT true\n");
  });

  test("lets a program start with a bad pin, and tells why when it is asked", async () => {
    const { folder } = newProject();
    const { stdout } = await runProgram(BUN, folder, READ, { env: { IMMUCONFIG_PIN: "x" } });
    expect(stdout).toBe("started\nERR_PIN true\n");
  });

  test("cannot be mended by the program that it told", async () => {
    const { folder, path } = newProject();
    rmSync(path);
    const { stdout } = await runProgram(
      BUN,
      folder,
      `try { Bun.config = { version: 1 }; } catch (error) { console.log(error.name); }`,
    );
    expect(stdout).toBe("TypeError\n");
  });

  test.skipIf(findTool("node") === undefined)("under Node pins the record", async () => {
    const { folder } = newProject();
    writeFileSync(join(folder, "program.mjs"), `console.log(process.env.IMMUCONFIG_PIN);`);
    const { stdout } = await run(["node", "--import", "immuconfig/register", "program.mjs"], {
      cwd: folder,
    });
    expect(stdout).toMatch(/^[0-9a-f]{26}@\/.*bunfig\.lockb\n$/);
  });
});

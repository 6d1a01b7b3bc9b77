/** A program has the record of the project that it belongs to, wherever it is started. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programFolder } from "../../src/runtime/program.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { buildPackage, makeProject, RUNTIMES } from "../support/project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const TOOL_ROWS = 31;
const OTHER_ROWS = 32;
const withRows = (rows: number) => ({ ...PLAIN_FILE, record: { ...PLAIN_FILE.record, rows } });

/** What each binding says. */
const PROGRAM = `import { config, load } from "immuconfig";
  import { live } from "immuconfig/live";
  const { parse } = await import("immuconfig/core");
  console.log(JSON.stringify({
    config: config.terminal.rows, load: load().terminal.rows,
    live: Number.parseInt(live.pin().record.slice(20, 22), 16),
    global: globalThis.Bun?.config?.terminal.rows,
  }));
  live.close();`;

const all = (rows: number) => ({ config: rows, load: rows, live: rows });

interface Scene {
  readonly home: string;
  /** A project with a program, and another project, side by side. */
  readonly tool: string;
  readonly other: string;
}

function scene(): Scene {
  const home = realpathSync(temporaryFolder());
  const folders = { home, tool: join(home, "tool"), other: join(home, "other") };
  makeProject(folders.tool, withRows(TOOL_ROWS));
  makeProject(folders.other, withRows(OTHER_ROWS));
  mkdirSync(join(folders.tool, "src", "deep"), { recursive: true });
  writeFileSync(join(folders.tool, "src", "deep", "app.mjs"), PROGRAM);
  return folders;
}

async function ask(command: readonly string[], cwd: string, home: string): Promise<unknown> {
  const env = { IMMUCONFIG_RUNTIME_DIR: join(home, "runtime") };
  const { stdout, stderr, exitCode } = await run(command, { cwd, env });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return JSON.parse(stdout);
}

describe.each(RUNTIMES)("under %s", (name, runtime) => {
  test("a program has its own project's record, in every binding", async () => {
    const { home, tool, other } = scene();
    const app = join(tool, "src", "deep", "app.mjs");
    const register = join(REPOSITORY, "dist", "register.js");
    const command = name === "Bun" ? [runtime, "--preload", register, app] : [runtime, app];
    const expected = { ...all(TOOL_ROWS), ...(name === "Bun" ? { global: TOOL_ROWS } : {}) };
    for (const cwd of [tool, other, "/", join(tool, "src")]) {
      expect([cwd, await ask(command, cwd, home)]).toEqual([cwd, expected]);
    }
    symlinkSync(app, join(other, "linked.mjs"));
    const linked = [runtime, join(other, "linked.mjs")];
    expect(await ask(linked, other, home)).toEqual(all(TOOL_ROWS));
  });

  test("an installed program has the record of the project that installed it", async () => {
    const { home, tool, other } = scene();
    const installed = join(tool, "node_modules", ".store", "x@1", "node_modules", "x");
    mkdirSync(installed, { recursive: true });
    writeConfigFile(installed, withRows(99));
    symlinkSync(REPOSITORY, join(installed, "..", "immuconfig"));
    writeFileSync(join(installed, "package.json"), '{"type":"module"}');
    writeFileSync(join(installed, "cli.js"), PROGRAM);
    const command = [runtime, join(installed, "cli.js")];
    expect(await ask(command, other, home)).toEqual(all(TOOL_ROWS));
    expect(await ask(command, tool, home)).toEqual(all(TOOL_ROWS));
    // A workspace of that project is nearer.
    const workspace = join(tool, "apps", "web");
    makeProject(workspace, withRows(55));
    expect(await ask(command, workspace, home)).toEqual(all(55));
  });

  test("a program without a project has the working folder's", async () => {
    const { home, tool, other } = scene();
    const lone = join(home, "lone");
    mkdirSync(join(lone, "node_modules"), { recursive: true });
    symlinkSync(REPOSITORY, join(lone, "node_modules", "immuconfig"));
    writeFileSync(join(lone, "package.json"), '{"type":"module"}');
    writeFileSync(join(lone, "app.mjs"), PROGRAM);
    const command = [runtime, join(lone, "app.mjs")];
    expect(await ask(command, other, home)).toEqual(all(OTHER_ROWS));
    // The one who calls may still name a file.
    const file = { IMMUCONFIG_FILE: join(tool, "bunfig.lockb"), IMMUCONFIG_RUNTIME_DIR: home };
    const named = await run([runtime, join(tool, "src", "deep", "app.mjs")], {
      cwd: other,
      env: { ...file, IMMUCONFIG_FILE: "bunfig.lockb" },
    });
    expect(JSON.parse(named.stdout)).toMatchObject({ config: OTHER_ROWS, load: OTHER_ROWS });
    rmSync(join(other, "bunfig.lockb"));
    const missing = await run(command, { cwd: other });
    expect(missing.stderr).toContain(`no bunfig.lockb in ${lone}, ${other} or any folder above`);
  });
});

test("an executable has the record of the folder that it lies in", async () => {
  const { home, tool, other } = scene();
  const source = `import { config } from "immuconfig";
    console.log(JSON.stringify(config.terminal.rows));`;
  writeFileSync(join(tool, "src", "exe.mjs"), source);
  const exe = join(tool, "bin", "exe");
  const build = [BUN, "build", "--compile", join(tool, "src", "exe.mjs"), "--outfile", exe];
  expect(await run(build, { cwd: tool })).toMatchObject({ exitCode: 0 });
  expect(await ask([exe], other, home)).toBe(TOOL_ROWS);
  expect(await ask([exe], "/", home)).toBe(TOOL_ROWS);
});

const place = (main: string | undefined, cwd: string) => programFolder(main, cwd, "/opt/x/exe");

test("the place of a program", () => {
  expect(place("/a/b/c.ts", "/w")).toBe("/a/b");
  expect(place("/c.ts", "/w")).toBe("/");
  // Nothing to look for beside the working folder.
  expect(place("/w/c.ts", "/w")).toBeUndefined();
  expect(place(undefined, "/w")).toBeUndefined();
  expect(place("c.ts", "/w")).toBeUndefined();
  expect(place("/a/node_modules/x/c.js", "/w")).toBe("/a");
  expect(place("/a/node_modules/.bun/x/node_modules/x/c.js", "/w")).toBe("/a");
  expect(place("/a/node_modules/x/c.js", "/a/sub")).toBeUndefined();
  expect(place("/a/node_modules/x/c.js", "/ab")).toBe("/a");
  expect(place("/node_modules/x/c.js", "/w")).toBeUndefined();
  expect(place("/a/my_node_modules/x/c.js", "/w")).toBe("/a/my_node_modules/x");
  expect(place("/$bunfs/root/exe", "/w")).toBe("/opt/x");
  expect(place("B:\\~BUN\\root\\exe", "/w")).toBe("/opt/x");
  expect(place("C:\\a\\node_modules\\x\\c.js", "C:\\w")).toBe("C:/a");
});

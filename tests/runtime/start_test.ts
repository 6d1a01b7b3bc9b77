import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { CLEAN_OPTIONS } from "../../src/cli/clean_start.ts";
import { hasAllCores } from "../support/native_cores.ts";
import { buildPackage, makeProject } from "../support/project.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { requireTool, testWith } from "../support/tools.ts";
import { writeConfigFile } from "../support/config_files.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const root = join(import.meta.dir, "..", "..");
const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const PRINT = `import { config } from "immuconfig";
  console.log(JSON.stringify([config, process.env.IMMUCONFIG_PIN, Object.isFrozen(config.features)]));`;

/** The package as it is installed, in a project of its own. */
function installedPackage(): { folder: string; package: string } {
  const folder = temporaryFolder();
  const target = join(folder, "node_modules", "immuconfig");
  mkdirSync(join(folder, "node_modules"));
  for (const part of ["dist", "lib", "package.json"]) {
    cpSync(join(root, part), join(target, part), { recursive: true });
  }
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "program.ts"), PRINT);
  writeConfigFile(folder);
  return { folder, package: target };
}

/** The files of the package that a command opens. */
async function openedFiles(
  folder: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const log = join(folder, "trace");
  const { exitCode, stderr } = await run(
    ["strace", "-f", "-o", log, "-e", "trace=open,openat", ...command],
    { cwd: folder, env },
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const opened = (await Bun.file(log).text()).matchAll(/"([^"]+\.(?:js|so))".*\) = \d+/g);
  const target = join(folder, "node_modules", "immuconfig");
  const paths = [...opened].map(([, path = ""]) => relative(target, path));
  return [...new Set(paths)].filter((path) => !path.startsWith("..")).toSorted();
}

describe.skipIf(process.platform !== "linux" || !hasAllCores)("what a start loads", () => {
  const library = `lib/${process.platform}-${process.arch}/libimmuconfig.so`;

  testWith("strace")("the import: one file and the library", async () => {
    const { folder } = installedPackage();
    expect(await openedFiles(folder, [BUN, "program.ts"])).toEqual(["dist/index_bun.js", library]);
  });

  testWith("strace", "node")("the import under Node: one file and the library", async () => {
    const { folder } = installedPackage();
    cpSync(join(folder, "program.ts"), join(folder, "program.mjs"));
    const started = await openedFiles(folder, [requireTool("node"), "program.mjs"]);
    expect(started).toEqual(["dist/index_node.js", library]);
  });

  testWith("strace", "node")("live flags under Node: one file and the library", async () => {
    const { folder } = installedPackage();
    const source = 'import { live } from "immuconfig/live"; process.exit(live.generation - 1);';
    writeFileSync(join(folder, "program.mjs"), source);
    const command = [requireTool("node"), "program.mjs"];
    const env = { IMMUCONFIG_RUNTIME_DIR: temporaryFolder() };
    // The first of the host makes the segment, and loads what that takes.
    expect(await openedFiles(folder, command, env)).toContain("dist/live/rest.js");
    const started = await openedFiles(folder, command, env);
    expect(started).toEqual(["dist/live/index_node.js", library]);
  });

  testWith("strace")("`bun-config get FIELD`: one file and the library", async () => {
    const { folder } = installedPackage();
    const get = [BUN, "node_modules/immuconfig/dist/cli/config.js", "get", "version"];
    expect(await openedFiles(folder, get)).toEqual(["dist/cli/config.js", library]);
  });

  testWith("strace").each([
    ["set", ["terminal.rows", "30"]],
    ["feature", ["enable", "DEBUG"]],
  ])(
    "`bun-config %s`: nothing of types or live flags, where there are none",
    async (name, rest) => {
      const { folder } = installedPackage();
      const env = { IMMUCONFIG_RUNTIME_DIR: join(folder, "none") };
      const words = [...CLEAN_OPTIONS, "node_modules/immuconfig/dist/cli/config.js", name, ...rest];
      expect(await openedFiles(folder, [BUN, ...words], env)).toEqual([
        `dist/cli/commands/record/${name}.js`,
        "dist/cli/config.js",
        "dist/cli/start.js",
        "dist/shared.js",
        library,
      ]);
    },
  );
});

test.each(["index_bun.js", "live/index_bun.js", "cli/config.js"])(
  "%s starts without any module of the runtime's",
  async (file) => {
    // The launcher's first line is a shell's.
    const text = (await Bun.file(join(root, "dist", file)).text()).replace(/^#!.*/, "");
    const imports = new Bun.Transpiler({ loader: "js" }).scanImports(text);
    const atStart = imports.filter(({ kind }) => kind === "import-statement");
    expect(atStart.map(({ path }) => path)).toEqual([]);
  },
);

describe("without the native library, and with addons switched off", () => {
  test("a program and `get` say the same", async () => {
    const { folder, package: target } = installedPackage();
    const said = async (options: readonly string[] = []): Promise<unknown[]> => {
      const cli = join(target, "dist", "cli", "config.js");
      const runs = [
        [BUN, "program.ts"],
        ...["version", "features", "terminal", "registry", "generation", "frozen"].flatMap(
          (field) => [
            [BUN, cli, "get", field],
            [BUN, cli, "get", field, "--json", "--file", "bunfig.lockb"],
          ],
        ),
      ];
      const results = [];
      for (const [bun, ...words] of runs) {
        results.push(await run([bun ?? "", ...options, ...words], { cwd: folder }));
      }
      return results;
    };
    const withLibrary = await said();
    expect(await said(["--no-addons"])).toEqual(withLibrary);
    rmSync(join(target, "lib"), { recursive: true });
    expect(await said()).toEqual(withLibrary);
    expect(withLibrary[0]).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

/** A Node that cannot load a module at once loads all before it asks. */
const NODE_STARTS: [string, string[]][] = [
  ["as it is", []],
  ["without addons", ["--no-addons"]],
  ["without require() of modules", ["--no-experimental-require-module"]],
];

testWith("node").each(NODE_STARTS)("under Node a program says the same: %s", async (_, options) => {
  const { folder, package: target } = installedPackage();
  writeFileSync(
    join(folder, "program.mjs"),
    `${PRINT}
    import { ImmuconfigError, load, parse } from "immuconfig";
    import { readFileSync } from "node:fs";
    console.log(load() === config, load().record === config.record);
    console.log(parse(readFileSync("bunfig.lockb")).record);
    try {
      parse(new Uint8Array(3));
    } catch (error) {
      console.log(error instanceof ImmuconfigError, error.message);
    }`,
  );
  const start = (): ReturnType<typeof run> =>
    run([requireTool("node"), ...options, "program.mjs"], { cwd: folder });
  const withLibrary = await start();
  expect(withLibrary).toMatchObject({ exitCode: 0, stderr: "" });
  rmSync(join(target, "lib"), { recursive: true });
  expect(await start()).toEqual(withLibrary);
  rmSync(join(folder, "bunfig.lockb"));
  expect((await start()).stderr).toContain("ERR_NOT_FOUND");
});

test("a bundle of the package reads the record without the library beside it", async () => {
  const folder = temporaryFolder();
  makeProject(folder);
  writeFileSync(join(folder, "program.ts"), PRINT);
  const built = await run(
    [BUN, "build", "program.ts", "--target", "bun", "--outfile", "out/bundle.js"],
    { cwd: folder },
  );
  expect(built).toMatchObject({ exitCode: 0 });
  rmSync(join(folder, "node_modules"), { recursive: true });
  const { stdout, stderr, exitCode } = await run([BUN, "out/bundle.js"], { cwd: folder });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(JSON.parse(stdout)).toMatchObject([{ version: 1 }, expect.any(String), true]);
});

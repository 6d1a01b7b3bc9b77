/** Which core serves where parts of lib/ are missing or cannot be loaded. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { hasAllCores, LIBRARY_PATH, WASM_PATH } from "../support/native_cores.ts";
import { buildPackage } from "../support/project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const PROGRAM = `
  try {
    const { native } = await import("immuconfig/native");
    console.log(native.backend);
  } catch (error) {
    console.log(error.code, error.message);
  }`;

/** What a program gets from a copy of the package whose lib/ is made by the caller. */
async function ask(fillLib: (lib: string) => void, runtime = BUN): Promise<string> {
  const folder = temporaryFolder();
  const installed = join(folder, "node_modules", "immuconfig");
  mkdirSync(installed, { recursive: true });
  cpSync(join(REPOSITORY, "dist"), join(installed, "dist"), { recursive: true });
  copyFileSync(join(REPOSITORY, "package.json"), join(installed, "package.json"));
  const lib = join(installed, "lib");
  mkdirSync(join(lib, `${process.platform}-${process.arch}`), { recursive: true });
  fillLib(lib);
  writeFileSync(join(folder, "program.mjs"), PROGRAM);
  const { stdout, stderr } = await run([runtime, "program.mjs"], { cwd: folder });
  return `${stdout}${stderr}`.trim();
}

const libraryIn = (lib: string): string =>
  join(lib, `${process.platform}-${process.arch}`, basename(LIBRARY_PATH));
const addWasm = (lib: string): void => copyFileSync(WASM_PATH, join(lib, basename(WASM_PATH)));

describe.skipIf(!hasAllCores)("the native core of a package", () => {
  test("with everything is the shared library", async () => {
    const answer = await ask((lib) => {
      addWasm(lib);
      copyFileSync(LIBRARY_PATH, libraryIn(lib));
    });
    expect(answer).toBe("ffi");
  });

  testWith("node")("is the same library under Node, as an addon", async () => {
    const whole = (lib: string): void => {
      addWasm(lib);
      copyFileSync(LIBRARY_PATH, libraryIn(lib));
    };
    expect(await ask(whole, "node")).toBe("addon");
    expect(await ask(addWasm, "node")).toBe("wasm");
  });

  test("without a library, or with one that cannot be loaded, is WebAssembly", async () => {
    expect(await ask(addWasm)).toBe("wasm");
    const broken = (lib: string): void => {
      addWasm(lib);
      writeFileSync(libraryIn(lib), "no library");
    };
    expect(await ask(broken)).toBe("wasm");
  });

  test("with neither says so", async () => {
    expect(await ask(() => undefined)).toStartWith("ERR_UNSUPPORTED the native core was not built");
  });
});

import { expect, test } from "bun:test";
import { join } from "node:path";
import { CLEAN_OPTIONS } from "../../src/cli/clean_start.ts";
import { hasAllCores } from "../support/native_cores.ts";
import { REPOSITORY } from "../support/repository.ts";
import { vectorPath } from "../support/vectors.ts";

const src = join(REPOSITORY, "src");

/** Which parts of the native core a program has loaded, told by the program itself. */
function loadedBy(module: string, args: readonly string[] = []): string {
  const program = `
    const { Module } = WebAssembly;
    let compiled = 0;
    WebAssembly.Module = new Proxy(Module, {
      construct(target, args) { compiled++; return new target(...args); },
    });
    process.argv.splice(1, 1, "program", ...${JSON.stringify(args)});
    process.on("exit", () => {
      const maps = require("node:fs").readFileSync("/proc/self/maps", "utf8");
      console.error(JSON.stringify([maps.includes("libimmuconfig.so"), compiled]));
    });
    await import(${JSON.stringify(join(src, module))});`;
  const env = { ...process.env, IMMUCONFIG_FILE: vectorPath("valid/defaults.lockb") };
  const command = [process.execPath, ...CLEAN_OPTIONS, "-e", program];
  const run = Bun.spawnSync(command, { env, timeout: 20_000 });
  // Bun 1.4.1 and 1.4.2 add a line of their own to it.
  return (
    run.stderr
      .toString()
      .split("\n")
      .find((line) => line.startsWith("[")) ?? ""
  );
}

test.skipIf(process.platform !== "linux" || !hasAllCores)(
  "a start takes the record by one native call; nothing but `immuconfig/native` loads more of the core",
  () => {
    expect(loadedBy("index_bun.ts")).toBe("[true,0]");
    expect(loadedBy("register.ts")).toBe("[true,0]");
    expect(loadedBy("cli/config.ts", ["get", "version"])).toBe("[true,0]");
    expect(loadedBy("index.ts")).toBe("[true,0]");
    expect(loadedBy("native/index.ts")).toBe("[true,0]");
    // The commands have the TypeScript codec.
    expect(loadedBy("cli/config.ts", ["verify"])).toBe("[false,0]");
  },
  60_000,
);

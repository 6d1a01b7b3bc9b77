import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildZigBindings } from "../../src/zig_import/compile.ts";
import { findZig } from "../../src/zig_import/find_zig.ts";
import { zigFlagsModule } from "../../src/zig_import/flags_module.ts";
import { bindZig } from "../../src/zig_import/runtime.ts";
import { testWithZig, ZIG_CACHE } from "../support/zig.ts";

const folder = mkdtempSync(join(tmpdir(), "immuconfig-zig-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function compileWith(features: Record<string, boolean>, body: string) {
  writeFileSync(join(folder, "flags.zig"), zigFlagsModule(features));
  const source = join(folder, "app.zig");
  writeFileSync(source, `const flags = @import("flags.zig");\n${body}\n`);
  const zig = findZig({ from: import.meta.dir, path: process.env["PATH"] });
  return buildZigBindings(source, { cache: ZIG_CACHE, zig });
}

testWithZig(
  "gates Zig code at compile time",
  async () => {
    const body = `pub fn limit() u32 {
      if (flags.DEBUG) @compileError("only analysed when DEBUG is on");
      return if (flags.PREMIUM) 1000 else 10;
    }`;
    const off = await compileWith({ DEBUG: false, PREMIUM: true }, body);
    const bound = bindZig<{ limit(): number }>(Buffer.from(off.wasm).toString("base64"));
    expect(bound.limit()).toBe(1000);
    const failure = await compileWith({ DEBUG: true, PREMIUM: true }, body).catch(
      (error: unknown) => error,
    );
    expect(String(failure)).toContain("app.zig:3:24: error: only analysed when DEBUG is on");
  },
  240_000,
);

testWithZig(
  "makes an unknown name a compile error",
  async () => {
    const failure = await compileWith(
      { DEBUG: true },
      "pub fn on() bool {\n    return flags.DEBGU;\n}",
    ).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/app\.zig:3:17: error: .* no member named 'DEBGU'/);
  },
  240_000,
);

test("writes what `zig fmt` would", () => {
  expect(zigFlagsModule({ A: true, B_2: false })).toBe(
    "//! The flags of this project's record, written by immuconfig.\n\n" +
      "pub const A = true;\npub const B_2 = false;\n",
  );
});

test("takes no name that could be code", () => {
  for (const name of ["de bug", 'a" = 1', "A = true; pub const B", "", "@panic", "A".repeat(63)]) {
    expect(() => zigFlagsModule({ [name]: true })).toThrow("is not a flag name");
  }
});

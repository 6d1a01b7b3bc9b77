import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { annotate } from "../../src/format/describe/annotate.ts";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { retireFlag } from "../../src/format/edit/switch_flags.ts";
import { setFrozen } from "../../src/format/edit/set_fields.ts";
import { setRegistry } from "../../src/format/edit/set_registries.ts";
import { type File, encodeFile } from "../../src/format/file.ts";
import { drawFields } from "../../src/cli/output/hex_dump.ts";
import { BODY_SIZE_MAX } from "../../src/base/limits.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { signedBySeed } from "../support/signing.ts";
import { arbitraryFile } from "../support/arbitrary_file.ts";
import { CLI } from "../support/repository.ts";

const TIMEOUT_MS = 20_000;

const START: File = {
  ...defaultFile({ registry: "https://registry.example.test", project: "shop" }),
  packages: new Uint8Array(32).fill(7),
  extensions: [{ tag: "Xtra", payload: Uint8Array.of(1, 2, 3), offset: 0 }],
};
const FILE = [
  defineFlag("CHECKOUT", { bit: 5, description: "New till", owner: "pay", expires: "2030-12-31" }),
  defineFlag("OLD", { bit: 6 }),
  retireFlag("OLD"),
  setRegistry("https://npm.example.test", "@acme"),
  setFrozen(true),
].reduce((file, change) => change(file), START);
const BYTES = encodeFile(FILE);

let folder: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-inspect-")));
  writeFileSync(join(folder, "bunfig.lockb"), BYTES);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function inspect(args: readonly string[], env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, CLI, "inspect", ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...env },
    timeout: TIMEOUT_MS,
  });
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

function inspectBytes(bytes: Uint8Array, ...args: string[]) {
  writeFileSync(join(folder, "other.lockb"), bytes);
  return inspect(["other.lockb", ...args]);
}

describe("inspect --text", () => {
  test("says every fact in a line of its own", () => {
    expect(inspect(["--text"])).toEqual({
      exitCode: 0,
      stderr: "",
      stdout: `project shop
version 1
registry https://registry.example.test (c8c87440)
registry.@acme https://npm.example.test
features.DEBUG off
features.DEBUG bit 2
features.CHECKOUT off
features.CHECKOUT bit 5
features.CHECKOUT description New till
features.CHECKOUT owner pay
features.CHECKOUT expires 2030-12-31
features.OLD retired
features.OLD bit 6
terminal.mode cooked
terminal.rows 24
terminal.cols 80
packages 1, sha256 4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0
section.Xtra 3 bytes, sha256 039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81
frozen true
signature none
generation 1
git-blob 51c909d0c641d2ae5deec9f7c83e2dce0902f7ee
`,
    });
  });

  test("of a broken file: exit 4, but 0 for git's textconv, and the same words", () => {
    const broken = BYTES.with(24, 9);
    const text = inspectBytes(broken, "--text");
    const forGit = inspectBytes(broken, "--textconv");
    expect([text.exitCode, forGit.exitCode]).toEqual([4, 0]);
    expect(text.stdout).toStartWith("not valid: offset 40, seal: expected ");
    expect(text.stdout).toBe(forGit.stdout);
    expect(inspectBytes(broken.with(25, 9), "--textconv").stdout).not.toBe(forGit.stdout);
  });

  test("does not depend on the keys that are trusted", async () => {
    const signed = encodeFile(await signedBySeed(FILE, new Uint8Array(32).fill(1)));
    const text = inspectBytes(signed, "--text");
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toMatch(/\nsignature by key [0-9a-f]{16}\n/);
    const drawing = inspectBytes(signed);
    expect(drawing.exitCode).toBe(4);
    expect(drawing.stdout).toContain("no key is trusted here");
  });
});

describe("inspect", () => {
  test("draws every field with its value, in colour where that is wanted", () => {
    const { stdout, exitCode } = inspect([]);
    expect(exitCode).toBe(0);
    for (const line of [
      /^00000005 {2}40 74 c8 c8 +@t\.\. +registryHash +c8c87440$/m,
      /^0000000d {2}01 +\. +terminalMode +1 cooked$/m,
      /^0000001c {2}01 00 00 00 +\.\.\.\. +state +frozen$/m,
      /^00000068 .* packageCount +1$/m,
      /^0000006c {2}(07 ){16} +\.{16} +packages +1 records$/m,
      / flag +bit 5, "CHECKOUT", off$/m,
      /^ +… 48 zeros$/m,
      / section "meta"$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    expect(stdout).not.toContain("\u001b[");
    expect(inspect([], { FORCE_COLOR: "1" }).stdout).toContain("\u001b[36m42 55 4e 31");
  });

  test("marks the fault in a broken file and ends with 4", () => {
    const { stdout, stderr, exitCode } = inspectBytes(BYTES.with(13, 9));
    expect([exitCode, stderr]).toEqual([4, ""]);
    const lines = stdout.split("\n");
    const at = lines.findIndex((line) => line.startsWith(">>>"));
    expect(lines[at]).toBe(">>> offset 13, terminalMode: expected 0 to 3, found 9");
    expect(lines[at - 1]).toStartWith("0000000d  09");
    expect(inspectBytes(BYTES.subarray(0, 50)).stdout).toContain(">>> offset 50, header");
  });

  test("gives all of it as JSON", () => {
    const whole = JSON.parse(inspect(["--json"]).stdout) as Record<string, unknown>;
    expect(whole).toMatchObject({
      file: join(folder, "bunfig.lockb"),
      valid: true,
      error: null,
      facts: { "features.OLD": "retired" },
      fields: expect.arrayContaining([
        { offset: 0, size: 4, name: "magic", value: '"BUN1"', bytes: "42554e31" },
      ]),
    });
    const broken = inspectBytes(BYTES.subarray(0, 3), "--json");
    expect(broken.exitCode).toBe(4);
    expect(JSON.parse(broken.stdout)).toMatchObject({
      valid: false,
      error: { code: "ERR_FORMAT", fault: { offset: 3, field: "header" } },
      facts: null,
      fields: [{ offset: 0, size: 3, name: "unknown", value: "", bytes: "42554e" }],
    });
  });

  test("a file that is not there, a folder, and two files are errors in words", () => {
    expect(inspect(["none.lockb"])).toMatchObject({ exitCode: 3, stdout: "" });
    expect(inspect(["."])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("it is a folder"),
    });
    expect(inspect(["a", "b"]).exitCode).toBe(2);
  });
});

/** Checks that the fields follow each other from the first byte to the last. */
function covers(bytes: Uint8Array): void {
  let end = 0;
  for (const { offset, size, name, value } of annotate(bytes)) {
    expect([name, offset]).toEqual([name, end]);
    expect(size).toBeGreaterThan(0);
    expect(value).toMatch(/^[ -~]*$/);
    end += size;
  }
  expect(end).toBe(bytes.length);
  for (const line of draw(bytes)) expect(line).toMatch(/^[ -~…]*$/);
}

function draw(bytes: Uint8Array): string[] {
  const fault = { offset: 0, field: "magic", expected: "BUN1", found: "\u009b31m" };
  return drawFields(bytes, annotate(bytes), fault, (_, text) => text);
}

describe("annotate", () => {
  test("names every byte of any input once, in printable words", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), covers), { seed: 1 });
    const overwritten = fc
      .tuple(arbitraryFile, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 8 }))
      .map(([file, at, noise]) => {
        const bytes = encodeFile(file);
        bytes.set(noise, at % (bytes.length - noise.length));
        return bytes;
      });
    fc.assert(fc.property(overwritten, covers), { seed: 2, numRuns: 500 });
  });

  test("draws a hostile file of the largest size in few lines", () => {
    const bytes = new Uint8Array(BODY_SIZE_MAX).fill(0x41);
    bytes.fill(0, 28);
    expect(draw(bytes).length).toBeLessThan(200);
    bytes.fill(0xff, 104);
    expect(draw(bytes).length).toBeLessThan(200);
  });

  test("knows all of a valid file", () => {
    fc.assert(
      fc.property(arbitraryFile, (file) => {
        expect(annotate(encodeFile(file)).map(({ name }) => name)).not.toContain("unknown");
      }),
      { seed: 3 },
    );
  });
});

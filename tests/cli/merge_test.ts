import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTerminalSize } from "../../src/format/edit/set_fields.ts";
import { switchFlags } from "../../src/format/edit/switch_flags.ts";
import { type File, decodeFile, encodeFile } from "../../src/format/file.ts";
import { recordToText } from "../../src/format/record.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { CLI } from "../support/repository.ts";

const TIMEOUT_MS = 20_000;
const BASE = defaultFile({ registry: "https://registry.example.test" });
const OURS = switchFlags(["DEBUG"], true)(BASE);
const THEIRS = { ...setTerminalSize("rows", 30)(BASE), generation: 7 };

const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-merge-")));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  write("base", BASE);
  write("ours", OURS);
  write("theirs", THEIRS);
});

function write(name: string, file: File | Uint8Array): void {
  writeFileSync(join(folder, name), file instanceof Uint8Array ? file : encodeFile(file));
}

function merge(args: readonly string[], env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, CLI, "merge", ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...env },
    timeout: TIMEOUT_MS,
  });
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

function readOurs(): File {
  return decodeFile(new Uint8Array(readFileSync(join(folder, "ours"))), () => undefined);
}

const SIDES = ["base", "ours", "theirs"];

describe("merge", () => {
  test("writes the joined file to OURS and says what it took", () => {
    expect(merge([...SIDES, "bunfig.lockb"])).toEqual({
      exitCode: 0,
      stdout: "Merged bunfig.lockb: terminal.rows: 24 → 30, generation: 1 → 8\n",
      stderr: "",
    });
    expect(readOurs()).toMatchObject({ generation: 8, record: { featureFlags: 4n, rows: 30 } });
    const { stdout } = merge([...SIDES, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ file: join(folder, "ours"), generation: 9 });
  });

  test("takes an empty BASE for none", () => {
    write("base", new Uint8Array());
    const { exitCode, stderr } = merge(SIDES);
    expect(exitCode).toBe(1);
    // DEBUG has two values, and nothing says which one is older.
    expect(stderr).toContain("features.DEBUG: ours on, theirs off");
    expect(stderr).toContain("terminal.rows: ours 24, theirs 30");
    expect(readOurs().record).toEqual(OURS.record);
    expect(readOurs().generation).toBe(8);
  });

  test("ends a conflict with 1, and with its words in JSON", () => {
    write("ours", setTerminalSize("rows", 50)(BASE));
    write("theirs", setTerminalSize("cols", 120)(THEIRS));
    const { exitCode, stdout } = merge([...SIDES, "--json"]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: "ERR_CONFLICT",
        message: expect.stringContaining("terminal.rows: ours 50, theirs 30"),
      },
    });
    expect(readOurs().record).toMatchObject({ rows: 50, cols: 120 });
  });

  test.each(SIDES)("refuses a broken %s with 4 and leaves ours alone", (name) => {
    write(name, encodeFile(THEIRS).with(60, 1));
    const before = readFileSync(join(folder, "ours"));
    const { exitCode, stderr } = merge(SIDES);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`${name} is not valid: offset 60, seal`);
    expect(readFileSync(join(folder, "ours"))).toEqual(before);
  });

  test("an empty side is broken, a missing one is not found, and two are too few", () => {
    write("theirs", new Uint8Array());
    expect(merge(SIDES).exitCode).toBe(4);
    expect(merge(["base", "ours", "none"]).exitCode).toBe(3);
    expect(merge(["base", "ours"]).exitCode).toBe(2);
  });

  test("is refused where a parent process pinned every file", () => {
    const { exitCode, stderr } = merge(SIDES, { IMMUCONFIG_PIN: recordToText(BASE.record) });
    expect(exitCode).toBe(5);
    expect(stderr).toContain("a parent process runs on record");
    expect(readOurs().record).toEqual(OURS.record);
  });
});

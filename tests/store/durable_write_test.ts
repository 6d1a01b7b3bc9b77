import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { removeFile } from "../../src/store/durable_write.ts";
import { MANY_FLAGS, PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { errorOf } from "../support/errors.ts";
import { BUN, run } from "../support/run.ts";
import { trace, type Trace } from "../support/strace.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();

const createScript = join(import.meta.dir, "children", "create.ts");
const changeScript = join(import.meta.dir, "children", "change.ts");
const swapScript = join(import.meta.dir, "..", "upgrade", "children", "replace.ts");

describe("a new file", () => {
  test.each([
    ["022", 0o644],
    ["077", 0o600],
    ["027", 0o640],
    ["000", 0o644],
  ])("obeys the umask %s", async (umask, mode) => {
    const path = join(temporaryFolder(), "new");
    const shell = `umask ${umask}; exec "$0" "$@"`;
    const { exitCode } = await run(["sh", "-c", shell, BUN, createScript, path]);
    expect(exitCode).toBe(0);
    expect((statSync(path).mode & 0o777).toString(8)).toBe(mode.toString(8));
  });

  testWith("strace")("is whole and there once where there are no hard links", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "new");
    const create = (): Promise<Trace> =>
      trace([BUN, createScript, path], [folder, path], "link:error=EPERM");
    const first = await create();
    expect(first.calls.filter(({ name }) => name === "link")).not.toBeEmpty();
    expect(first.stdout).toBe("created\n");
    expect((await create()).stdout).toBe("ERR_EXISTS\n");
    expect(readFileSync(path)).toEqual(Buffer.from(encodeFile(PLAIN_FILE)));
    expect(readdirSync(folder)).toEqual(["new"]);
  });
});

test("a file that is removed is gone, and one that was gone is no error", () => {
  const folder = temporaryFolder();
  const path = writeConfigFile(folder, PLAIN_FILE);
  removeFile(path);
  expect(readdirSync(folder)).toEqual([]);
  removeFile(path);
  expect(errorOf(() => removeFile(folder))).toMatchObject({
    code: "ERR_WRITE",
    message: expect.stringContaining(folder),
  });
  expect(readdirSync(folder)).toEqual([]);
});

describe("a write that the system takes no byte of", () => {
  testWith("strace")("ends, says so, and leaves the old file whole", async () => {
    const folder = temporaryFolder();
    const path = writeConfigFile(folder, MANY_FLAGS);
    const old = readFileSync(path);
    const temporary = join(dirname(path), ".bunfig.lockb.new");
    const failed = await trace([BUN, changeScript, path], [temporary], "write:retval=0");
    expect(JSON.parse(failed.stdout)).toMatchObject({
      code: "ERR_WRITE",
      message: expect.stringContaining("ENOSPC"),
    });
    expect(readFileSync(path)).toEqual(old);
    expect(readdirSync(folder)).toEqual(["bunfig.lockb"]);
  });
});

describe("a program's names, where there are no hard links,", () => {
  testWith("strace")("change all the same", async () => {
    const folder = temporaryFolder();
    const program = join(folder, "bun");
    writeFileSync(program, "old", { mode: 0o755 });
    writeFileSync(join(folder, ".bun.upgrade-new"), "new", { mode: 0o755 });
    const act = async (action: string): Promise<void> => {
      const { exitCode, calls } = await trace(
        [BUN, swapScript, action, program],
        [folder, program],
        "link:error=EPERM",
      );
      expect(exitCode).toBe(0);
      expect(calls.filter(({ name }) => name === "link")).not.toBeEmpty();
    };
    const state = (): Record<string, string> =>
      Object.fromEntries(
        readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]),
      );
    await act("putInPlace");
    expect(state()).toEqual({ bun: "new", "bun.prev": "old" });
    expect(statSync(join(folder, "bun.prev")).mode & 0o777).toBe(0o755);
    await act("swapWithPrevious");
    expect(state()).toEqual({ bun: "old", "bun.prev": "new" });
  });
});

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SlotFile } from "../../src/store/slot_file.ts";
import { errorOf } from "../support/errors.ts";
import { hasLoopDisks, LoopDisk } from "../support/loop_disk.ts";
import { BUN } from "../support/run.ts";
import { trace } from "../support/strace.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool } from "../support/tools.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const CHILD = join(import.meta.dir, "children", "renew.ts");
const TEXT_SIZE_MAX = 1000;
const SIZE = 2 * 4096;
const POWER_CUTS = 10;

function open(path = join(temporaryFolder(), "slots")): { path: string; file: SlotFile } {
  return { path, file: new SlotFile(path, TEXT_SIZE_MAX) };
}

test("what was written last is read, by another process too, from a file that stays as large as it is", () => {
  const { path, file } = open();
  expect(file.read()).toBeUndefined();
  for (const text of ["one", "", "x".repeat(TEXT_SIZE_MAX), "zwölf", "5"]) {
    file.write(text);
    expect(file.read()).toBe(text);
    expect(open(path).file.read()).toBe(text);
    expect(statSync(path).size).toBe(SIZE);
  }
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a write that ended anywhere leaves the text before it or the new one", () => {
  const { path, file } = open();
  file.write("the first, which is long");
  file.write("the second");
  const before = readFileSync(path);
  file.write("the third");
  const after = readFileSync(path);
  const changed = [...before.keys()].filter((at) => before[at] !== after[at]);
  const from = changed[0] ?? 0;
  const to = (changed.at(-1) ?? 0) + 1;
  expect(to).toBeLessThan(SIZE / 2);
  const found = new Set<string | undefined>();
  for (let at = from; at <= to; at++) {
    // Disks need not keep the order of what was written.
    for (const [first, second] of [
      [after, before],
      [before, after],
    ] as const) {
      writeFileSync(path, Buffer.concat([first.subarray(0, at), second.subarray(at)]));
      found.add(open(path).file.read());
    }
  }
  expect(found).toEqual(new Set(["the second", "the third"]));
});

test("a text that is too long is refused, and the one before stays", () => {
  const { path, file } = open();
  file.write("one");
  const before = readFileSync(path);
  expect(errorOf(() => file.write("ä".repeat(TEXT_SIZE_MAX)))).toHaveProperty("code", "ERR_VALUE");
  expect(readFileSync(path)).toEqual(before);
});

test("where neither slot is whole, it says so, and the next write mends one", () => {
  const { path, file } = open();
  file.write("one");
  writeFileSync(path, readFileSync(path).fill(7));
  const error = errorOf(() => file.read());
  expect(error).toHaveProperty("code", "ERR_FORMAT");
  expect(error).toHaveProperty("message", `${path}: neither of its slots is whole`);
  file.write("two");
  expect(file.read()).toBe("two");
  expect(errorOf(() => open(temporaryFolder()).file.read())).toHaveProperty("code", "ERR_READ");
});

describe.skipIf(findTool("strace") === undefined)("under strace", () => {
  test("a renewal is one sync, of the file alone", async () => {
    const { path, file } = open();
    file.write("1");
    const { calls } = await trace([BUN, CHILD, path, "2", "3"], [path]);
    const names = calls.map(({ name }) => name);
    expect(names.filter((name) => name.includes("sync"))).toEqual(["fdatasync", "fdatasync"]);
    expect(names.filter((name) => /^(?:link|rename|unlink|ftruncate)/.test(name))).toEqual([]);
    expect(file.read()).toBe("3");
  });

  test("after a sync that failed, the slot that is on the disk stays", async () => {
    const { path, file } = open();
    file.write("1");
    const fault = "fdatasync:error=EIO:when=1";
    const { stdout } = await trace([BUN, CHILD, path, "2", "3"], [path], fault);
    expect(stdout).toMatch(/^\S+: cannot write .*EIO.*\n3\n$/);
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, SIZE / 2), new Uint8Array(SIZE / 2)]));
    expect(file.read()).toBe("1");
    writeFileSync(path, bytes);
    expect(file.read()).toBe("3");
  });
});

describe.skipIf(!hasLoopDisks)("on a disk of its own", () => {
  test("that is full, a renewal goes on", async () => {
    await using disk = await LoopDisk.create(1);
    const { file } = open(join(disk.folder, "slots"));
    file.write("1");
    expect(() => writeFileSync(join(disk.folder, "filler"), new Uint8Array(2 ** 20))).toThrow();
    for (const text of ["2", "3", "4"]) file.write(text);
    expect(file.read()).toBe("4");
  });

  test("that is read-only, what was kept is read, and a renewal says why not", async () => {
    await using disk = await LoopDisk.create(1);
    const { path, file } = open(join(disk.folder, "slots"));
    file.write("1");
    await disk.makeReadOnly();
    expect(open(path).file.read()).toBe("1");
    expect(errorOf(() => file.write("2"))).toHaveProperty("code", "ERR_WRITE");
    expect(open(path).file.read()).toBe("1");
  });

  test(`of which the power is cut ${POWER_CUTS} times, nothing goes back`, async () => {
    await using disk = await LoopDisk.create(8);
    for (let round = 0; round < POWER_CUTS; round++) {
      const { path, file } = open(join(disk.folder, `slots-${round}`));
      const child = Bun.spawn([BUN, CHILD, path], { stdio: ["ignore", "pipe", "inherit"] });
      const written: number[] = [];
      let text = "";
      for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const lines = text.split("\n");
        text = lines.pop() ?? "";
        written.push(...lines.map(Number).filter((count) => !Number.isNaN(count)));
        if (written.length <= 3 * round) continue;
        break;
      }
      child.kill("SIGKILL");
      await child.exited;
      await disk.cutPower();
      expect(Number(file.read())).toBeGreaterThanOrEqual(written.at(-1) ?? 1);
    }
  });
});

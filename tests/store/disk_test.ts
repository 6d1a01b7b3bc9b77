import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { updateFile } from "../../src/store/update.ts";
import { readConfigFile, verifiedReader } from "../../src/trust/verified.ts";
import { MANY_FLAGS, writeConfigFile } from "../support/config_files.ts";
import { rejectionOf } from "../support/errors.ts";
import { hasLoopDisks, LoopDisk } from "../support/loop_disk.ts";
import { BUN, run } from "../support/run.ts";
import { trace } from "../support/strace.ts";
import { findTool } from "../support/tools.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const script = join(import.meta.dir, "children", "change.ts");

function freeze(path: string): Promise<unknown> {
  return updateFile(path, (file) => ({ ...file, frozen: true }), {
    read: verifiedReader({}),
    waitMs: 0,
  });
}

function fill(folder: string): string {
  const path = join(folder, "filler");
  // Ever smaller pieces, so that not a block is left.
  for (const size of [64 * 1024, 1024]) {
    try {
      for (let i = 0; i < 2048; i++) writeFileSync(path, Buffer.alloc(size, 1), { flag: "a" });
    } catch {
      // Full.
    }
  }
  return path;
}

// Root alone may mount: elsewhere these are skipped, and the run says so.
describe.skipIf(!hasLoopDisks)("on a disk of its own", () => {
  test("that is full, a write fails and the old file is whole", async () => {
    await using disk = await LoopDisk.create(1);
    const { folder } = disk;
    const path = writeConfigFile(folder, MANY_FLAGS);
    const old = readFileSync(path);
    const filler = fill(folder);

    const error = await rejectionOf(freeze(path));
    expect(error).toHaveProperty("code", "ERR_WRITE");
    expect(error).toHaveProperty("message", `cannot write ${path}: the disk is full (ENOSPC)`);
    expect(error).toHaveProperty("hint", expect.stringContaining("Make room"));
    expect(readFileSync(path)).toEqual(old);
    expect(readdirSync(folder)).not.toContain(".bunfig.lockb.new");

    rmSync(filler);
    await freeze(path);
    expect(readConfigFile(path, {}).frozen).toBe(true);
  });

  test("that is read-only, a write fails and a read works", async () => {
    await using disk = await LoopDisk.create(1);
    const path = writeConfigFile(disk.folder, MANY_FLAGS);
    await disk.makeReadOnly();
    const error = await rejectionOf(freeze(path));
    expect(error).toHaveProperty("code", "ERR_WRITE");
    expect(error).toHaveProperty("hint", expect.stringContaining("mount it for writing"));
    expect(readConfigFile(path, {}).generation).toBe(MANY_FLAGS.generation);
  });

  test("a power cut after a write keeps the new file", async () => {
    await using disk = await LoopDisk.create(8);
    const path = writeConfigFile(disk.folder, MANY_FLAGS);
    await run(["sync", "-f", disk.folder]);

    // The disk does forget what was not synced: a bare rename is gone.
    writeFileSync(join(disk.folder, "unsynced"), "x");
    renameSync(join(disk.folder, "unsynced"), join(disk.folder, "lost"));
    await disk.cutPower();
    expect(existsSync(join(disk.folder, "lost"))).toBe(false);

    await freeze(path);
    await disk.cutPower();
    expect(readConfigFile(path, {})).toMatchObject({ frozen: true, generation: 2 });
  });

  test.skipIf(findTool("strace") === undefined)(
    "a power cut in the middle of a write leaves the old file or the new one",
    async () => {
      await using disk = await LoopDisk.create(8);
      const path = writeConfigFile(disk.folder, MANY_FLAGS);
      await run(["sync", "-f", disk.folder]);
      let before = MANY_FLAGS.generation;
      const paths = [disk.folder, path, join(disk.folder, ".bunfig.lockb.new")];
      for (const call of ["write:when=1", "fsync:when=1", "rename:when=1", "fsync:when=2"]) {
        const [name, when] = call.split(":");
        const killed = await trace([BUN, script, path], paths, `${name}:signal=KILL:${when}`);
        expect(killed.exitCode).toBe(128 + 9);
        await disk.cutPower();
        const { generation } = readConfigFile(path, {});
        expect([before, before + 1]).toContain(generation);
        before = generation;
      }
      await freeze(path);
      expect(readdirSync(disk.folder).toSorted()).toEqual(["bunfig.lockb", "lost+found"]);
    },
  );
});

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { readFileBytes } from "../../src/store/read.ts";
import { createFile, replaceFile } from "../../src/store/durable_write.ts";
import { updateFile } from "../../src/store/update.ts";
import { readConfigFile, verifiedReader } from "../../src/trust/verified.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { errorOf, rejectionOf } from "../support/errors.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool, isLinux, isRoot, testWith } from "../support/tools.ts";
import { readVector, TRUSTED_KEY } from "../support/vectors.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

const script = join(import.meta.dir, "children", "touch.ts");
const NOBODY = 65534;

/** In a process of its own, so that a hang is an error. */
async function touch(path: string): Promise<{ read: string; change: string }> {
  const { stdout, stderr } = await run([BUN, script, path], { timeoutMs: 10_000 });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

function freeze(path: string): Promise<unknown> {
  return updateFile(path, (file) => ({ ...file, frozen: true }), {
    read: verifiedReader({}),
    waitMs: 0,
  });
}

describe("a write", () => {
  test.each([0o600, 0o640, 0o644, 0o664, 0o666])("keeps the permissions %o", async (mode) => {
    const path = writeConfigFile(temporaryFolder());
    chmodSync(path, mode);
    await freeze(path);
    expect(statSync(path).mode & 0o7777).toBe(mode);
  });

  test.skipIf(!isRoot).each([
    [NOBODY, NOBODY],
    [NOBODY, 0],
    [0, NOBODY],
  ])("by root keeps the owner %d and the group %d", async (owner, group) => {
    const path = writeConfigFile(temporaryFolder());
    chownSync(path, owner, group);
    chmodSync(path, 0o640);
    await freeze(path);
    const { uid, gid, mode } = statSync(path);
    expect([uid, gid, mode & 0o7777]).toEqual([owner, group, 0o640]);
  });

  test("takes what a killed writer left out of the way", async () => {
    const path = writeConfigFile(temporaryFolder());
    writeFileSync(join(dirname(path), ".bunfig.lockb.new"), "left");
    await freeze(path);
    expect(readConfigFile(path, {}).frozen).toBe(true);
    expect(readdirSync(dirname(path))).toEqual(["bunfig.lockb"]);
  });

  test("that cannot take the file's place leaves nothing behind", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "bunfig.lockb"));
    const error = errorOf(() => replaceFile(join(folder, "bunfig.lockb"), new Uint8Array(1)));
    expect(error).toHaveProperty("code", "ERR_WRITE");
    expect(readdirSync(folder)).toEqual(["bunfig.lockb"]);
  });

  test("follows symbolic links, and replaces none", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "real"));
    mkdirSync(join(folder, "links"));
    const path = writeConfigFile(join(folder, "real"));
    symlinkSync("../real", join(folder, "links", "folder"));
    symlinkSync("folder/bunfig.lockb", join(folder, "links", "file"));
    symlinkSync(join(folder, "links", "file"), join(folder, "links", "second"));

    await freeze(join(folder, "links", "second"));
    expect(readConfigFile(path, {})).toMatchObject({ frozen: true, generation: 2 });
    expect(lstatSync(path).isFile()).toBe(true);
    expect(readlinkSync(join(folder, "links", "file"))).toBe("folder/bunfig.lockb");
    expect(realpathSync(join(folder, "links", "second"))).toBe(path);
  });

  test("that changes nothing writes nothing", async () => {
    const path = writeConfigFile(temporaryFolder());
    const { ino } = statSync(path);
    await updateFile(path, (file) => file, { read: verifiedReader({}) });
    expect(statSync(path).ino).toBe(ino);
  });

  test("that would give a broken file is refused", async () => {
    const path = writeConfigFile(temporaryFolder());
    const bytes = readFileSync(path);
    const broken = updateFile(path, (file) => ({ ...file, packages: new Uint8Array(31) }), {
      read: verifiedReader({}),
    });
    expect(await rejectionOf(broken)).toHaveProperty("code", "ERR_FORMAT");
    expect(readFileSync(path)).toEqual(bytes);
  });

  test("of a frozen file is refused, except to thaw it", async () => {
    const path = writeConfigFile(temporaryFolder(), { ...PLAIN_FILE, frozen: true });
    expect(await rejectionOf(freeze(path))).toHaveProperty("code", "ERR_FROZEN");
    await updateFile(path, (file) => ({ ...file, frozen: false }), {
      read: verifiedReader({}),
      allowFrozen: true,
    });
    expect(readConfigFile(path, {})).toMatchObject({ frozen: false, generation: 2 });
  });

  test("of a signed file is refused", async () => {
    const path = join(temporaryFolder(), "bunfig.lockb");
    const bytes = readVector("valid/signed.lockb");
    writeFileSync(path, bytes);
    const env = { IMMUCONFIG_TRUSTED_KEYS: TRUSTED_KEY };
    const change = updateFile(path, (file) => ({ ...file, frozen: true }), {
      read: verifiedReader(env),
    });
    expect(await rejectionOf(change)).toHaveProperty("code", "ERR_KEY");
    const untrusted = updateFile(path, (file) => ({ ...file, frozen: true }), {
      read: verifiedReader({}),
    });
    expect(await rejectionOf(untrusted)).toHaveProperty("code", "ERR_SIGNATURE");
    expect(readFileSync(path)).toEqual(Buffer.from(bytes));
  });

  test("beyond the last generation is refused", async () => {
    const path = writeConfigFile(temporaryFolder(), { ...PLAIN_FILE, generation: 0xffff_ffff });
    expect(await rejectionOf(freeze(path))).toHaveProperty("code", "ERR_WRITE");
    expect(readConfigFile(path, {}).generation).toBe(0xffff_ffff);
  });
});

describe("a read", () => {
  const limit = 104 + 8 * 2 ** 20;

  test("gives every byte of a file of any size, and one more than is allowed of a larger one", () => {
    const path = join(temporaryFolder(), "bytes");
    for (const edge of [4096, 16 * 4096, 64 * 4096, limit]) {
      for (const size of [edge - 1, edge, edge + 1, edge + 2]) {
        const bytes = Buffer.alloc(size, "0123456789abcdefg");
        writeFileSync(path, bytes);
        const expected = bytes.subarray(0, Math.min(size, limit + 1));
        expect(Buffer.compare(readFileBytes(path), expected), `${size} bytes`).toBe(0);
      }
    }
  });

  test("names the file whose signature is not trusted, and keeps the hint", () => {
    const path = join(temporaryFolder(), "bunfig.lockb");
    writeFileSync(path, readVector("valid/signed.lockb"));
    expect(errorOf(() => readConfigFile(path, {}))).toMatchObject({
      code: "ERR_SIGNATURE",
      message: expect.stringContaining(`${path}: the file is signed by key`),
      hint: expect.stringContaining("IMMUCONFIG_TRUSTED_KEYS"),
    });
  });

  test("of a newer file does not advise to restore it", () => {
    const path = join(temporaryFolder(), "bunfig.lockb");
    writeFileSync(path, readVector("invalid/version_unknown.lockb"));
    expect(errorOf(() => readConfigFile(path, {}))).toMatchObject({
      message: expect.stringContaining(`${path} is not valid`),
      hint: expect.stringContaining("update immuconfig"),
    });
  });
});

test.skipIf(!isLinux)("no descriptor stays open, whether it goes well or not", async () => {
  const folder = temporaryFolder();
  const path = writeConfigFile(folder);
  writeFileSync(join(folder, "broken"), Buffer.alloc(10_000));
  await updateFile(path, (file) => ({ ...file, frozen: false }), { read: verifiedReader({}) });
  const before = openDescriptors();
  for (let times = 0; times < 20; times++) {
    readFileBytes(path);
    readFileBytes(join(folder, "broken"));
    errorOf(() => readFileBytes(folder));
    createFile(join(folder, `new${times}`), encodeFile(PLAIN_FILE));
    errorOf(() => createFile(path, encodeFile(PLAIN_FILE)));
    errorOf(() => replaceFile(folder, new Uint8Array(1)));
    await updateFile(path, (file) => ({ ...file, flags: [] }), { read: verifiedReader({}) });
  }
  expect(openDescriptors()).toBeLessThan(before + 20);
});

/** Runs a command as somebody whom permissions bind: root gives itself up for it. */
const asNobody = isRoot
  ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"]
  : [];

const nobodyRuns =
  asNobody.length === 0 ||
  (findTool("setpriv") !== undefined && Bun.spawnSync([...asNobody, BUN, script]).exitCode === 0);

async function touchAsNobody(path: string): Promise<{ read: string; change: string }> {
  const { stdout, stderr } = await run([...asNobody, BUN, script, path]);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

test.skipIf(!isRoot || !nobodyRuns)(
  "a write by another member of a group keeps the group",
  async () => {
    const shared = 4242;
    const folder = temporaryFolder();
    const path = writeConfigFile(folder);
    chownSync(path, 0, shared);
    chmodSync(path, 0o660);
    chmodSync(folder, 0o777);
    const member = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, `--groups=${shared}`];
    const { stdout } = await run([...member, BUN, script, path]);
    expect(JSON.parse(stdout)).toEqual({ read: "done", change: "done" });
    const { uid, gid, mode } = statSync(path);
    expect([uid, gid, mode & 0o7777]).toEqual([NOBODY, shared, 0o660]);
  },
);

describe.skipIf(!nobodyRuns)("without permission", () => {
  test("to write the folder, the file can be read and not changed", async () => {
    const folder = temporaryFolder();
    const path = writeConfigFile(folder);
    chmodSync(folder, 0o555);
    expect(await touchAsNobody(path)).toEqual({
      read: "done",
      change: `ERR_WRITE: cannot write in ${folder}: permission denied (EACCES)`,
    });
    expect(readConfigFile(path, {}).generation).toBe(1);
    chmodSync(folder, 0o755);
  });

  test("to read the file, neither works", async () => {
    const folder = temporaryFolder();
    const path = writeConfigFile(folder);
    chmodSync(path, 0);
    chmodSync(folder, 0o777);
    const message = `ERR_READ: cannot read ${path}: permission denied (EACCES)`;
    expect(await touchAsNobody(path)).toEqual({ read: message, change: message });
  });

  test("to enter the folder, neither works", async () => {
    const folder = join(temporaryFolder(), "closed");
    mkdirSync(folder);
    const path = writeConfigFile(folder);
    chmodSync(folder, 0);
    const { read, change } = await touchAsNobody(path);
    expect(read).toBe(`ERR_READ: cannot read ${path}: permission denied (EACCES)`);
    expect(change).toStartWith("ERR_READ: cannot read");
    chmodSync(folder, 0o755);
  });
});

describe("what is no file", () => {
  test("a circle of links is refused", async () => {
    const folder = temporaryFolder();
    symlinkSync("b", join(folder, "a"));
    symlinkSync("a", join(folder, "b"));
    expect(await touch(join(folder, "a"))).toEqual({
      read: expect.stringContaining("ERR_READ: cannot read"),
      change: expect.stringContaining("circle of symbolic links"),
    });
  });

  test("nothing is not found", async () => {
    const { read, change } = await touch(join(temporaryFolder(), "bunfig.lockb"));
    expect(read).toStartWith("ERR_NOT_FOUND");
    expect(change).toStartWith("ERR_NOT_FOUND");
  });

  test("a folder is refused", async () => {
    const folder = join(temporaryFolder(), "bunfig.lockb");
    mkdirSync(folder);
    const message = `ERR_READ: cannot read ${folder}: it is a folder`;
    expect(await touch(folder)).toEqual({ read: message, change: message });
  });

  testWith("mkfifo")("a FIFO is refused at once", async () => {
    const path = join(temporaryFolder(), "bunfig.lockb");
    expect((await run(["mkfifo", path])).exitCode).toBe(0);
    const { read, change } = await touch(path);
    expect(read).toStartWith("ERR_");
    expect(change).toBe(read);
  });

  test.skipIf(!isLinux)("an endless device is refused", async () => {
    const folder = temporaryFolder();
    for (const device of ["/dev/zero", "/dev/urandom", "/dev/null"]) {
      const path = join(folder, device.replaceAll("/", "_"));
      symlinkSync(device, path);
      const { read, change } = await touch(path);
      expect(read).toStartWith("ERR_READ");
      expect(change).toStartWith("ERR_");
    }
  });

  test("a file of more than 8 MiB is not read to its end", async () => {
    const path = join(temporaryFolder(), "bunfig.lockb");
    writeFileSync(path, Buffer.concat([encodeFile(PLAIN_FILE), Buffer.alloc(9 * 2 ** 20)]));
    const { read } = await touch(path);
    expect(read).toStartWith("ERR_FORMAT");
  });
});

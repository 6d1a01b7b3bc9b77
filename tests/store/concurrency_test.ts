import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { File } from "../../src/format/file.ts";
import { withLock } from "../../src/store/lock.ts";
import { updateFile } from "../../src/store/update.ts";
import { readConfigFile, verifiedReader } from "../../src/trust/verified.ts";
import { rejectionOf } from "../support/errors.ts";
import { MANY_FLAGS, PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { nodeCommand } from "../support/node.ts";
import { CLI } from "../support/repository.ts";
import { BUN } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

const WRITERS = 32;
const CHANGES = 100;
const TIMEOUT_MS = 300_000;

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

async function changeAtOnce(path: string, command: readonly string[]): Promise<void> {
  const start = join(temporaryFolder(), "start");
  const writers = Array.from({ length: WRITERS }, (_, index) =>
    Bun.spawn([...command, path, String(index), String(CHANGES), start], {
      stdout: "pipe",
      stderr: "inherit",
      timeout: TIMEOUT_MS,
    }),
  );
  // All start together, once the last one has loaded.
  const outputs = writers.map(({ stdout }) => stdout.getReader());
  await Promise.all(outputs.map((output) => output.read()));
  writeFileSync(start, "");
  expect(await Promise.all(writers.map(({ exited }) => exited))).toEqual(
    Array.from({ length: WRITERS }, () => 0),
  );
}

const CHANGE = join(import.meta.dir, "children", "change.ts");

describe.each([
  ["Bun", (): Promise<string[]> => Promise.resolve([BUN, CHANGE])],
  ["Node", (): Promise<string[]> => nodeCommand(temporaryFolder(), CHANGE)],
])("under %s", (runtime, command) => {
  testWith(...(runtime === "Node" ? ["node"] : []))(
    `${WRITERS} processes make ${CHANGES} changes each at once, and none is lost`,
    async () => {
      const folder = temporaryFolder();
      const path = writeConfigFile(folder, MANY_FLAGS);
      await changeAtOnce(path, await command());

      const file = readConfigFile(path, {});
      expect(file.generation).toBe(MANY_FLAGS.generation + WRITERS * CHANGES);
      const counts = MANY_FLAGS.flags.map(({ name }) => file.meta.flags?.[name]?.description);
      expect(counts).toEqual(Array.from({ length: WRITERS }, () => String(CHANGES)));
      expect(readdirSync(folder)).toEqual(["bunfig.lockb"]);
    },
    TIMEOUT_MS,
  );
});

async function holdLock(folder: string): Promise<Bun.Subprocess> {
  const script = join(import.meta.dir, "children", "hold_lock.ts");
  const holder = Bun.spawn([BUN, script, folder], { stdout: "pipe", timeout: TIMEOUT_MS });
  const { value } = await holder.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("held\n");
  return holder;
}

function frozen(file: File): File {
  return { ...file, frozen: true };
}

function fail(): never {
  throw new Error("no");
}

describe("a lock that another process holds", () => {
  test("stops a writer, and is free as soon as that process is killed", async () => {
    const folder = temporaryFolder();
    const path = writeConfigFile(folder);
    const holder = await holdLock(folder);
    const freeze = (waitMs: number): Promise<unknown> =>
      updateFile(path, (file) => ({ ...file, frozen: true }), { read: verifiedReader({}), waitMs });

    expect(await rejectionOf(freeze(0))).toHaveProperty("code", "ERR_BUSY");
    expect(await rejectionOf(freeze(30))).toHaveProperty("code", "ERR_BUSY");
    expect(readConfigFile(path, {}).generation).toBe(PLAIN_FILE.generation);

    holder.kill("SIGKILL");
    await holder.exited;
    await freeze(0);
    expect(readConfigFile(path, {})).toMatchObject({ frozen: true, generation: 2 });
  });

  test("is waited for", async () => {
    const folder = temporaryFolder();
    const holder = await holdLock(folder);
    let entered = false;
    const waiting = withLock(folder, () => (entered = true));
    await Bun.sleep(20);
    expect(entered).toBe(false);
    holder.kill("SIGKILL");
    expect(await waiting).toBe(true);
  });

  test("is free again after a change that throws", async () => {
    const folder = temporaryFolder();
    expect(await rejectionOf(withLock(folder, fail))).toHaveProperty("message", "no");
    expect(await withLock(folder, () => "free", { waitMs: 0 })).toBe("free");
  });

  test.skipIf(process.platform !== "linux")(
    "is let go where its file cannot be taken away, and what was done is done",
    async () => {
      const folder = temporaryFolder();
      const lock = join(folder, ".immuconfig.lock");
      const before = openFiles();
      const done = await withLock(folder, () => {
        rmSync(lock);
        mkdirSync(lock);
        return "done";
      });
      expect([done, openFiles()]).toEqual(["done", before]);
    },
  );
});

describe.skipIf(process.getuid?.() !== 0)("a user who may only read the folder", () => {
  testWith("setpriv")("cannot hold the lock, and keeps no writer out", async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const path = writeConfigFile(folder);
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const holder = Bun.spawn([...nobody, "flock", folder, "sh", "-c", "echo held; sleep 20"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await holder.stdout.getReader().read();
      await updateFile(path, frozen, { read: verifiedReader({}), waitMs: 0 });
      await withLock(folder, () => {
        const lock = join(folder, ".immuconfig.lock");
        const tried = Bun.spawnSync([...nobody, "flock", "-n", lock, "true"]);
        expect(tried.exitCode).not.toBe(0);
        expect(tried.stderr.toString()).toContain("Permission denied");
      });
    } finally {
      holder.kill("SIGKILL");
      await holder.exited;
    }
  });

  testWith("setpriv")("writes where another one's lock was left and may not be taken away", () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o1777);
    const path = writeConfigFile(folder);
    const lock = join(folder, ".immuconfig.lock");
    writeFileSync(lock, "");
    chmodSync(lock, 0o666);
    chownSync(lock, 65_533, 65_533);
    chownSync(path, 65_534, 65_534);
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const { exitCode, stderr } = Bun.spawnSync(
      [...nobody, BUN, CLI, "feature", "define", "SEARCH", "--file", path],
      { env: { PATH: process.env["PATH"], HOME: folder } },
    );
    // What Bun 1.4.1 itself says of its own reading of /dev/null.
    const said = stderr.toString().replace(/^Internal error: directory mismatch .*\n/, "");
    expect([exitCode, said]).toEqual([0, ""]);
    expect(readdirSync(folder)).toContain(".immuconfig.lock");
  });

  test.each([
    [0o755, 0o600],
    [0o775, 0o660],
    [0o1777, 0o666],
  ])("a folder of mode %o has a lock of mode %o", async (mode, wanted) => {
    const folder = temporaryFolder();
    chmodSync(folder, mode);
    chownSync(folder, 65_534, 65_533);
    await withLock(folder, () => {
      const lock = statSync(join(folder, ".immuconfig.lock"));
      expect([lock.mode & 0o777, lock.uid, lock.gid]).toEqual([wanted, 65_534, 65_533]);
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { File } from "../../src/format/file.ts";
import { updateFile } from "../../src/store/update.ts";
import { readConfigFile, verifiedReader } from "../../src/trust/verified.ts";
import { MANY_FLAGS, writeConfigFile } from "../support/config_files.ts";
import { BUN } from "../support/run.ts";
import { type SystemCall, type Trace, trace } from "../support/strace.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

/** With a bit that the usual umask takes away, so that a write has to set the mode, too. */
const MODE = 0o664;

/** Of the file that writers lock. */
const LOCK_NAME = ".immuconfig.lock";

const script = join(import.meta.dir, "children", "change.ts");

function traceWriter(path: string, fault?: string): Promise<Trace> {
  const folder = dirname(path);
  const paths = [folder, path, join(folder, ".bunfig.lockb.new"), join(folder, LOCK_NAME)];
  return trace([BUN, script, path], paths, fault);
}

/** What a trace shows of a write, from the lock to its release. */
function writeIn({ calls }: Trace): readonly SystemCall[] {
  return calls.slice(calls.findIndex(({ name }) => name === "flock"));
}

function newFile(): { folder: string; path: string } {
  const folder = temporaryFolder();
  const path = writeConfigFile(folder, MANY_FLAGS);
  chmodSync(path, MODE);
  return { folder, path };
}

/** The calls of a write, from the lock to the end. */
async function callsOfWrite(): Promise<readonly SystemCall[]> {
  const traced = await traceWriter(newFile().path);
  expect(traced.exitCode).toBe(0);
  return writeIn(traced);
}

/** The changes that the file holds; the rest of it must be as it was. */
function changesIn(file: File): number {
  const changes = Number(file.meta.flags?.["F0"]?.description ?? "0");
  expect(file.generation).toBe(MANY_FLAGS.generation + changes);
  expect(file.flags).toEqual(MANY_FLAGS.flags);
  return changes;
}

/** Another writer, who finds the lock free at once, and leaves nothing but the file behind. */
async function expectWritable(folder: string, path: string): Promise<void> {
  const { after } = await updateFile(path, (file) => ({ ...file, frozen: true }), {
    read: verifiedReader({}),
    waitMs: 0,
  });
  expect(after.frozen).toBe(true);
  expect(readdirSync(folder)).toEqual(["bunfig.lockb"]);
}

describe("a writer", () => {
  testWith("strace")(
    "killed at any of its system calls leaves the old file or the new one",
    async () => {
      const calls = await callsOfWrite();
      const names = calls.map(({ name }) => name);
      const order = ["flock", "pread64", "openat", "write", "fchmod", "fsync", "rename", "fsync"];
      let at = 0;
      for (const name of order) expect((at = names.indexOf(name, at) + 1)).toBeGreaterThan(0);
      const renamed = names.indexOf("rename");

      const outcomes: string[] = [];
      for (const [index, { name, ordinal }] of calls.entries()) {
        const { folder, path } = newFile();
        const killed = await traceWriter(path, `${name}:signal=KILL:when=${ordinal}`);
        expect(killed.exitCode).toBe(128 + 9);
        const done = writeIn(killed);
        expect(done.map((call) => call.name)).toEqual(names.slice(0, index + 1));
        const changes = changesIn(readConfigFile(path, {}));
        if (index !== renamed) expect(changes).toBe(index < renamed ? 0 : 1);
        outcomes.push(changes === 0 ? "old" : "new");
        await expectWritable(folder, path);
      }
      expect(new Set(outcomes)).toEqual(new Set(["old", "new"]));
    },
  );

  testWith("strace")("whose system call fails says so and leaves the old file whole", async () => {
    const calls = await callsOfWrite();
    const faults = ["write", "fchmod", "fsync", "rename"].map((name) =>
      calls.find((call) => call.name === name),
    );
    const created = calls.find(({ name, text }) => name === "openat" && text.includes(".new"));
    for (const call of [...faults, created]) {
      if (call === undefined) throw new Error("a call is missing");
      for (const error of ["EIO", "ENOSPC"]) {
        const { folder, path } = newFile();
        const when = `${call.name}:error=${error}:when=${call.ordinal}`;
        const failed = await traceWriter(path, when);
        expect(JSON.parse(failed.stdout)).toEqual({
          code: "ERR_WRITE",
          message: expect.stringMatching(RegExp(`^cannot write ${path}: .*\\(${error}\\)$`)),
          hint: expect.stringContaining("disk"),
        });
        expect(changesIn(readConfigFile(path, {}))).toBe(0);
        expect(readdirSync(folder)).toEqual(["bunfig.lockb"]);
      }
    }
  });

  testWith("strace")(
    "whose folder cannot be synced says that the new file is in place",
    async () => {
      const { folder, path } = newFile();
      const last = (await callsOfWrite()).findLast(({ name }) => name === "fsync");
      const failed = await traceWriter(path, `fsync:error=EIO:when=${last?.ordinal}`);
      const { code, message } = JSON.parse(failed.stdout);
      expect(code).toBe("ERR_WRITE");
      expect(message).toBe(
        `cannot sync ${folder}: EIO; the new file is in place, but a power cut may undo it`,
      );
      expect(changesIn(readConfigFile(path, {}))).toBe(1);
      await expectWritable(folder, path);
    },
  );

  testWith("strace")("finds no lock where there is none", async () => {
    for (const error of ["ENOLCK", "ENOSYS", "EOPNOTSUPP"]) {
      const { path } = newFile();
      const failed = await traceWriter(path, `flock:error=${error}`);
      expect(JSON.parse(failed.stdout)).toHaveProperty("code", "ERR_LOCK");
      expect(failed.exitCode).toBe(1);
      expect(changesIn(readConfigFile(path, {}))).toBe(0);
    }
  });

  testWith("strace")("tries again when the lock is taken or a signal comes", async () => {
    for (const error of ["EAGAIN", "EINTR"]) {
      const { path } = newFile();
      const late = await traceWriter(path, `flock:error=${error}:when=1..3`);
      expect(JSON.parse(late.stdout)).toEqual({ generation: 2 });
      expect(late.calls.filter(({ name }) => name === "flock")).toHaveLength(4);
    }
  });

  test("overwrites what a killed one left behind", async () => {
    const { folder, path } = newFile();
    writeFileSync(join(folder, ".bunfig.lockb.new"), "half a fi");
    await expectWritable(folder, path);
    expect(statSync(path).mode & 0o7777).toBe(MODE);
  });
});

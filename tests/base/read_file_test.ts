import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../../src/base/errors.ts";
import {
  readNamed,
  readSource,
  readSourceIfThere,
  readUpTo,
  readWhole,
} from "../../src/base/read_file.ts";
import { REPOSITORY } from "../support/repository.ts";
import { useTemporaryFolders } from "../support/temp.ts";

const temporaryFolder = useTemporaryFolders();

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ImmuconfigError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error("nothing was thrown");
}

test.each([0, 1, 4095, 4096, 4097, 100_000])("a file of %d bytes is read whole", (size) => {
  const path = join(temporaryFolder(), "file");
  const bytes = Uint8Array.from({ length: size }, (_, index) => index % 251);
  writeFileSync(path, bytes);
  expect(readWhole(path, size)).toEqual(bytes);
  expect(readUpTo(path, size + 1)).toEqual(bytes);
  if (size > 0) expect(readUpTo(path, size - 1)).toEqual(bytes.subarray(0, size - 1));
});

test("a source is read whatever its bytes, and is missing without an error", () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, Uint8Array.of(0x61, 0xff, 0x62));
  expect(readSource(path).toString()).toBe("a\ufffdb");
  expect(readSourceIfThere(`${path}.none`)).toBeUndefined();
  expect(codeOf(() => readSourceIfThere("/dev/zero"))).toEndWith("it is a device or a pipe");
});

test("a named file may be a pipe, and has a bound whatever it is", () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, "t\u00f6ken\n");
  expect(readNamed(path, 7)).toBe("t\u00f6ken\n");
  expect(codeOf(() => readNamed(path, 6))).toBe(`ERR_READ ${path} has more than 6 bytes`);
  expect(codeOf(() => readNamed(`${path}.none`, 6))).toStartWith("ERR_NOT_FOUND");
});

test.skipIf(process.platform === "win32")("a device without an end is not read without one", () => {
  expect(codeOf(() => readNamed("/dev/zero", 100_000))).toBe(
    "ERR_READ /dev/zero has more than 100000 bytes",
  );
  expect(readNamed("/dev/null", 1)).toBe("");
});

test.skipIf(process.platform === "win32")(
  "a pipe is read to its end, in the pieces that come",
  () => {
    const module = JSON.stringify(join(REPOSITORY, "src/base/read_file.ts"));
    const program = `import { readNamed } from ${module};
    process.stdout.write(String(readNamed("/dev/stdin", 200_000).length));`;
    const words = '(printf a; sleep 0.1; head -c 150000 /dev/zero) | "$1" -e "$2"';
    const { stdout } = Bun.spawnSync(["sh", "-c", words, "sh", process.execPath, program]);
    expect(stdout.toString()).toBe("150001");
  },
);

test.skipIf(process.platform === "win32")(
  "a named pipe is waited for, and not for ever",
  () => {
    const path = join(temporaryFolder(), "fifo");
    Bun.spawnSync(["mkfifo", path]);
    const writer = 'sleep 0.2; exec 3>"$1"; sleep 0.2; echo late >&3';
    Bun.spawn(["sh", "-c", writer, "sh", path]);
    expect(readNamed(path, 100)).toBe("late\n");
    expect(codeOf(() => readNamed(path, 100))).toBe(
      `ERR_READ cannot read ${path}: nobody has written to the pipe in 5 s`,
    );
  },
  30_000,
);

test("the bytes are the caller's own", () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, "first");
  const first = readWhole(path, 10);
  writeFileSync(path, "other");
  readWhole(path, 10);
  expect(new TextDecoder().decode(first)).toBe("first");
});

test.skipIf(process.platform !== "linux")(
  "a file that says it has no bytes is read to its end",
  () => {
    const text = new TextDecoder().decode(readWhole("/proc/self/status", 100_000));
    expect(text).toMatch(/^Name:/);
    expect(text).toContain("VmRSS:");
  },
);

describe("what is no file, or too large, is refused:", () => {
  test("a folder, a device, a FIFO, nothing, a circle, one byte too many", () => {
    const folder = temporaryFolder();
    const at = (name: string): string => join(folder, name);
    mkdirSync(at("folder"));
    Bun.spawnSync(["mkfifo", at("fifo")]);
    symlinkSync("circle", at("circle"));
    symlinkSync("/dev/zero", at("zero"));
    writeFileSync(at("large"), "12345");
    const read = (name: string): string => codeOf(() => readWhole(at(name), 4));
    expect(read("folder")).toStartWith("ERR_READ cannot read");
    expect(read("fifo")).toEndWith("it is a device or a pipe");
    expect(read("zero")).toEndWith("it is a device or a pipe");
    expect(read("none")).toStartWith("ERR_NOT_FOUND");
    expect(read("circle")).toStartWith("ERR_READ");
    expect(read("large")).toEndWith("has more than 4 bytes");
  });
});

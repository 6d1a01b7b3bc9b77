import { describe, expect, test } from "bun:test";
import { type File, encodeFile } from "../../src/format/file.ts";
import { openCores } from "../support/native_cores.ts";

const FILE: File = {
  record: {
    version: 1,
    registryHash: 0xc8c87440,
    featureFlags: 0x8000_0004,
    terminalMode: "cooked",
    rows: 24,
    cols: 80,
  },
  generation: 0xffff_fffe,
  frozen: false,
  signature: null,
  packages: new Uint8Array(),
  flags: [
    { bit: 2, name: "DEBUG" },
    { bit: 3, name: "PREMIUM" },
    { bit: 31, name: "LAST" },
  ],
  meta: {},
  extensions: [],
};

// The shared library's record belongs to the process: this is the one file that loads one.
describe.each(openCores().map((core) => [core.backend, core] as const))("%s", (_, core) => {
  test("shows zeros before a record is loaded", () => {
    expect([core.version(), core.generation(), core.flags()]).toEqual([0, 0, 0]);
    expect(core.feature(4)).toBe(false);
    expect(core.featureByName("DEBUG")).toBeUndefined();
    expect(core.header.every((byte) => byte === 0)).toBe(true);
  });

  test("does not load a file that is not whole", () => {
    const bytes = encodeFile(FILE);
    bytes[9] = 5;
    expect(core.load(bytes)).toEqual({ fault: "checksum", offset: 16, signed: false });
    expect(core.version()).toBe(0);
  });

  test("loads one record, shows it without a copy, and keeps it", () => {
    const bytes = encodeFile(FILE);
    const { header } = core;
    expect(core.load(bytes).fault).toBe("none");
    expect(core.load(bytes).fault).toBe("none");
    expect([core.version(), core.generation(), core.flags()]).toEqual([
      1, 0xffff_fffe, 0x8000_0004,
    ]);
    expect(header).toEqual(bytes.slice(0, 104));
    const other = encodeFile({ ...FILE, generation: 1 });
    expect(core.load(other)).toEqual({ fault: "loaded", offset: 0, signed: false });
    expect(core.generation()).toBe(0xffff_fffe);
  });

  test("answers for flags by mask and by name", () => {
    expect([4, 8, 0x8000_0000, 0x8000_0004, 12].map((mask) => core.feature(mask))).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
    expect(["DEBUG", "PREMIUM", "LAST"].map((name) => core.featureByName(name))).toEqual([
      true,
      false,
      true,
    ]);
    expect(["", "DEBU", "DEBUGS", "\u0000"].map((name) => core.featureByName(name))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe.each(openCores().map((core) => [core.backend, core] as const))("%s", (_, core) => {
  test.each([
    ["config version", { ...FILE, record: { ...FILE.record, version: 2 } }],
    ["flags", { ...FILE, record: { ...FILE.record, featureFlags: -1 } }],
    ["rows", { ...FILE, record: { ...FILE.record, rows: 256 } }],
    ["generation", { ...FILE, generation: 2 ** 32 }],
  ])("encodes no header with a wrong %s", (_field, fields) => {
    expect(() => core.encodeHeader(fields, new Uint8Array(4))).toThrow(/must be a whole number/);
  });

  test("refuses a body of more than 8 MiB, whatever it holds", () => {
    const bytes = new Uint8Array(104 + 8 * 1024 * 1024 + 1000);
    bytes.set(encodeFile(FILE));
    expect(core.verify(bytes)).toEqual({ fault: "body", offset: 8_388_712, signed: false });
  });
});

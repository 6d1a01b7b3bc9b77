import { describe, expect, test } from "bun:test";
import { type File, encodeFile } from "../../src/format/file.ts";
import { openCores } from "../support/native_cores.ts";

const FILE: File = {
  record: {
    version: 1,
    registryHash: 0xc8c87440,
    featureFlags: (1n << 1000n) | 0x8000_0004n,
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
    { bit: 31, name: "new-checkout" },
    { bit: 1000, name: "payments.v2" },
  ],
  meta: {},
  extensions: [],
};

// The shared library's record belongs to the process, whoever calls it: this is the one file that
// loads one, and by bun:ffi alone.
const ownRecords = openCores().filter(({ backend }) => backend !== "addon");
describe.each(ownRecords.map((core) => [core.backend, core] as const))("%s", (_, core) => {
  test("shows zeros before a record is loaded", () => {
    expect([core.version(), core.generation(), core.flags()]).toEqual([0, 0, 0n]);
    expect(core.feature(2)).toBe(false);
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
      1,
      0xffff_fffe,
      FILE.record.featureFlags,
    ]);
    expect(header).toEqual(bytes.slice(0, 104));
    const other = encodeFile({ ...FILE, generation: 1 });
    expect(core.load(other)).toEqual({ fault: "loaded", offset: 0, signed: false });
    expect(core.generation()).toBe(0xffff_fffe);
  });

  test("answers for flags by bit and by name", () => {
    expect([2, 3, 31, 32, 1000, 1023, 1024].map((bit) => core.feature(bit))).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      false,
    ]);
    expect(["DEBUG", "PREMIUM", "payments.v2"].map((name) => core.featureByName(name))).toEqual([
      true,
      false,
      true,
    ]);
    expect(["", "DEBU", "debug", "\u0000"].map((name) => core.featureByName(name))).toEqual([
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
    ["flags", { ...FILE, record: { ...FILE.record, featureFlags: -1n } }],
    ["rows", { ...FILE, record: { ...FILE.record, rows: 256 } }],
    ["generation", { ...FILE, generation: 2 ** 32 }],
  ])("encodes no header with a wrong %s", (_field, fields) => {
    expect(() => core.encodeHeader(fields, new Uint8Array(4))).toThrow(
      /must (be a whole number|have known bits)/,
    );
  });

  test("refuses a body of more than 8 MiB, whatever it holds", () => {
    const bytes = new Uint8Array(104 + 8 * 1024 * 1024 + 1000);
    bytes.set(encodeFile(FILE));
    expect(core.verify(bytes)).toEqual({ fault: "body", offset: 8_388_712, signed: false });
  });
});

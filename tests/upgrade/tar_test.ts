import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { TarReader } from "../../src/upgrade/tar.ts";
import { packTar, type TarEntry } from "../support/tarball.ts";

const member = "package/bin/bun";
const program = Buffer.from("a program ".repeat(300));
const good = packTar([
  { path: "package/package.json", content: "{}" },
  { path: member, content: program },
  { path: "package/README.md", content: "x".repeat(700) },
]);

function withZeros(size: number): Uint8Array {
  return Buffer.concat([good, Buffer.alloc(size)]);
}

/** Reads an archive in pieces that end at the given places. */
function read(archive: Uint8Array, cuts: readonly number[] = []): { size: number; bytes: Buffer } {
  const chunks: Uint8Array[] = [];
  const reader = new TarReader({
    member,
    documents: new Set(["package/package.json", "package/README.md"]),
    memberSizeMax: 100_000,
    documentsSizeMax: 1000,
    write: (bytes) => chunks.push(bytes.slice()),
  });
  let from = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), archive.length]) {
    reader.push(archive.subarray(from, cut));
    from = cut;
  }
  const { size } = reader.end();
  return { size, bytes: Buffer.concat(chunks) };
}

describe("a tar reader", () => {
  test("takes out the one member, however the bytes arrive", () => {
    const places = fc.array(fc.nat(good.length), { maxLength: 12 });
    fc.assert(
      fc.property(places, (cuts) => {
        const { size, bytes } = read(good, cuts);
        return size === program.length && bytes.equals(program);
      }),
    );
  });

  test("takes some zeros behind the end, and not without bound", () => {
    expect(read(withZeros(10_240)).size).toBe(program.length);
    expect(() => read(withZeros(2_000_000))).toThrow("zeros without end");
  });

  test("ends in nothing but its own error, whatever the bytes are", () => {
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const archive = Buffer.from(good);
        for (const [at, byte] of changes) archive[at] = byte;
        try {
          return read(archive).size <= 100_000;
        } catch (error) {
          return error instanceof ImmuconfigError && error.code === "ERR_ARCHIVE";
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("refuses an archive that is cut off anywhere before its end", () => {
    for (let size = 0; size < good.length - 1; size += 97) {
      expect(() => read(good.subarray(0, size))).toThrow(ImmuconfigError);
    }
  });

  const hostile: [string, TarEntry[], RegExp][] = [
    ["a folder", [{ path: "package/bin", type: "5" }], /is a folder, not a file/],
    ["a device", [{ path: member, type: "3" }], /is a device, not a file/],
    ["an extended header", [{ path: "PaxHeader", type: "x" }], /is an extended header/],
    ["a long name", [{ path: "././@LongLink", type: "L" }], /is a long name/],
    ["an unknown kind", [{ path: member, type: "Z" }], /is of an unknown kind/],
    ["a link's target at a file", [{ path: member, linkTarget: "/x" }], /has a link's target/],
    ["a backslash upwards", [{ path: "package\\..\\x" }], /leaves the archive/],
    ["a drive", [{ path: "C:/x" }], /absolute path/],
    ["no path", [{ path: "" }], /odd characters/],
    ["a control character", [{ path: "package/\u001b[2J" }], /odd characters: "package\/\\u001b/],
    ["a dot before the path", [{ path: `./${member}` }], /an extra file: \.\/package/],
    ["another case", [{ path: member.toUpperCase() }], /an extra file: PACKAGE/],
    ["a program that is too large", [{ path: member, claimedSize: 100_001 }], /more than 100000/],
    [
      "too much in documents",
      [{ path: "package/README.md", content: "x".repeat(1001) }],
      /its documents/,
    ],
    ["nothing", [], /it has no package\/bin\/bun/],
  ];
  test.each(hostile)("refuses %s", (_, entries, message) => {
    expect(() => read(packTar(entries))).toThrow(message);
  });

  test("refuses bytes after the end, a wrong checksum and another format", () => {
    expect(() => read(Buffer.concat([good, packTar([{ path: member }])]))).toThrow(
      /follows its end/,
    );
    const flipped = Buffer.from(good);
    flipped[0] = 0x51;
    expect(() => read(flipped)).toThrow(/checksum is wrong/);
    const old = Buffer.from(good);
    old.fill(0, 257, 265);
    expect(() => read(old)).toThrow(/no ustar archive/);
    expect(() => read(Buffer.alloc(1024))).toThrow(/it has no/);
  });
});

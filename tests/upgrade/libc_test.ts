import { describe, expect, test } from "bun:test";
import { closeSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { interpreterOf } from "../../src/upgrade/libc.ts";
import { currentHost } from "../../src/upgrade/product.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool } from "../support/tools.ts";

const temporaryFolder = useTemporaryFolders();

/** A 64-bit little-endian ELF program with one segment: the path of its loader. */
function elf(loader: string, segmentKind = 3): Buffer {
  const path = Buffer.from(`${loader}\0`);
  const head = Buffer.alloc(64 + 56);
  head.write("\u007fELF\u0002\u0001\u0001", "latin1");
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(1, 56);
  head.writeUInt32LE(segmentKind, 64);
  head.writeBigUInt64LE(BigInt(head.length), 64 + 8);
  head.writeBigUInt64LE(BigInt(path.length), 64 + 32);
  return Buffer.concat([head, path]);
}

function interpreterIn(bytes: Uint8Array): string | undefined {
  const path = join(temporaryFolder(), "program");
  writeFileSync(path, bytes);
  return interpreterOf(path);
}

describe("the loader of a program", () => {
  test("is read from its own bytes", () => {
    for (const loader of ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-aarch64.so.1"]) {
      expect(interpreterIn(elf(loader))).toBe(loader);
    }
  });

  test("is none for a static program, a script, and what only looks like a program", () => {
    expect(interpreterIn(elf("/lib/ld-musl-x86_64.so.1", 1))).toBeUndefined();
    expect(interpreterIn(Buffer.from("#!/bin/sh\n"))).toBeUndefined();
    expect(interpreterIn(new Uint8Array())).toBeUndefined();
    const whole = elf("/lib64/ld-linux-x86-64.so.2");
    for (let size = 0; size < whole.length; size++) {
      expect(interpreterIn(whole.subarray(0, size))).toBeUndefined();
    }
    const far = Buffer.from(whole);
    far.writeBigUInt64LE(2n ** 63n, 32);
    expect(interpreterIn(far)).toBeUndefined();
  });

  test("of a large file is found without reading it", () => {
    const path = join(temporaryFolder(), "large");
    writeFileSync(path, elf("/lib64/ld-linux-x86-64.so.2"));
    const descriptor = openSync(path, "r+");
    ftruncateSync(descriptor, 2 ** 36);
    closeSync(descriptor);
    expect(interpreterOf(path)).toBe("/lib64/ld-linux-x86-64.so.2");
  });

  const readelf = findTool("readelf");
  test.skipIf(readelf === undefined)(
    "is what readelf says, and decides which Bun a host takes",
    () => {
      const { stdout } = Bun.spawnSync([readelf ?? "", "-l", process.execPath]);
      const said = /interpreter: ([^\]]+)\]/.exec(stdout.toString())?.[1];
      expect(interpreterOf(process.execPath)).toBe(said);
      expect(currentHost().musl).toBe(said?.includes("musl") === true);
    },
  );
});

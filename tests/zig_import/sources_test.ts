import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder, readCached, writeCached } from "../../src/zig_import/cache.ts";
import { hashZigSources } from "../../src/zig_import/sources.ts";
import { errorOf } from "../support/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "immuconfig-zig-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe("hashZigSources", () => {
  let root = "";
  beforeEach(() => {
    root = write("root.zig", 'const a = @import("sub/a.zig"); const std = @import("std");');
    write("sub/a.zig", 'const root = @import("../root.zig"); const t = @embedFile("t.txt");');
    write("sub/t.txt", "text");
  });

  test.each([
    ["the file", "root.zig", "// changed"],
    ["an import", "sub/a.zig", "// changed"],
    ["an embedded file", "sub/t.txt", "other"],
  ])("changes with %s", (_, name, text) => {
    const before = hashZigSources(root);
    expect(hashZigSources(root)).toBe(before);
    write(name, text);
    expect(hashZigSources(root)).not.toBe(before);
  });

  test("changes when a missing import appears, and not with other files", () => {
    write("root.zig", '@import("later.zig")');
    const before = hashZigSources(root);
    write("unrelated.zig", "");
    expect(hashZigSources(root)).toBe(before);
    write("later.zig", "");
    expect(hashZigSources(root)).not.toBe(before);
  });

  test.each([
    ['@embedFile("sub/" ++ "t.txt")'],
    ["@embedFile(name)"],
    ['@embedFile("sub\\x2ft.txt")'],
    ['@import( // why\n"sub/a.zig")'],
  ])("is never the same with %s, of which the compiler alone knows the file", (text) => {
    write("root.zig", text);
    expect(hashZigSources(root)).not.toBe(hashZigSources(root));
  });

  test("says which file is missing", () => {
    expect(() => hashZigSources(join(folder, "none.zig"))).toThrow(join(folder, "none.zig"));
  });
});

describe("the cache", () => {
  const cache = join(folder, "cache");

  test("gives back what was put in, and nothing damaged", () => {
    expect(readCached(cache, "key")).toBeUndefined();
    writeCached(cache, "key", Uint8Array.of(1, 2, 3));
    expect(readCached(cache, "key")).toEqual(Uint8Array.of(1, 2, 3));
    expect(readdirSync(cache)).toEqual(["key.wasm"]);
    for (const content of ["", "short", "x".repeat(40)]) {
      writeFileSync(join(cache, "key.wasm"), content);
      expect(readCached(cache, "key")).toBeUndefined();
    }
  });

  test("that cannot be written is done without", () => {
    const file = write("not-a-folder", "");
    chmodSync(file, 0o400);
    writeCached(join(file, "cache"), "key", Uint8Array.of(1));
    expect(readCached(join(file, "cache"), "key")).toBeUndefined();
  });

  test("lies in the project that has packages, else in the user's folder", () => {
    mkdirSync(join(folder, "project", "node_modules"), { recursive: true });
    const source = join(folder, "project", "src", "a.zig");
    expect(cacheFolder(source, {})).toBe(
      join(folder, "project", "node_modules", ".cache", "immuconfig"),
    );
    expect(cacheFolder(join(folder, "a.zig"), { XDG_CACHE_HOME: "/cache" })).toBe(
      join("/cache", "immuconfig"),
    );
  });
});

function hash(text: string): unknown {
  return errorOf(() => hashZigSources(write("hostile/root.zig", text)));
}

describe.skipIf(process.platform === "win32")("what a hostile module names", () => {
  test("a device or a pipe is refused before anything reads it", () => {
    write("hostile/root.zig", "");
    Bun.spawnSync(["mkfifo", join(folder, "hostile", "pipe")]);
    symlinkSync("/dev/zero", join(folder, "hostile", "link.zig"));
    for (const name of ['@embedFile("/dev/zero")', '@embedFile("pipe")', '@import("link.zig")']) {
      const error = hash(`const a = ${name};`);
      expect(error, name).toHaveProperty("code", "ERR_READ");
      expect(String(error)).toContain("it is a device or a pipe");
    }
  });

  test("more bytes than a module may have are refused", () => {
    const names = ["a", "b", "c"];
    for (const name of names) truncateSync(write(`hostile/${name}`, ""), 60 * 1024 * 1024);
    const text = names.map((name) => `const ${name} = @embedFile("${name}");`).join("\n");
    expect(hash(text)).toHaveProperty("code", "ERR_READ");
  }, 30_000);
});

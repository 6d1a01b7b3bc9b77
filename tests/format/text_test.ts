/** A file in words, one fact a line. */

import { describe, expect, test } from "bun:test";
import { blobOfText, factText, twinText } from "../../src/format/describe/text.ts";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";

const PLAIN = encodeFile(PLAIN_FILE);
const BROKEN = PLAIN.with(0, 0x1b);

describe("the text", () => {
  test("has one fact a line, and those of all settings", () => {
    expect(factText(PLAIN).split("\n")).toEqual([
      "version 1",
      "registry https://registry.example.test (c8c87440)",
      "features.DEBUG off",
      "features.DEBUG bit 2",
      "terminal.mode cooked",
      "terminal.rows 24",
      "terminal.cols 80",
      "packages 0",
      "frozen false",
      "signature none",
      "generation 1",
      "",
    ]);
  });

  test("of a broken file says why, without its control characters, and which bytes they are", () => {
    const digest = new Bun.CryptoHasher("sha256").update(BROKEN).digest("hex");
    expect(factText(BROKEN)).toMatch(/^not valid: .+\nsha256 [0-9a-f]{64}\n$/);
    expect(factText(BROKEN)).toEndWith(`sha256 ${digest}\n`);
    expect(factText(BROKEN)).not.toContain("\u001b");
  });

  test("of a twin ends with git's name of the bytes", () => {
    for (const bytes of [PLAIN, BROKEN]) {
      const blob = new Bun.CryptoHasher("sha1").update(`blob ${bytes.length}\0`).update(bytes);
      const name = blob.digest("hex");
      expect(twinText(bytes)).toBe(`${factText(bytes)}git-blob ${name}\n`);
      expect(blobOfText(twinText(bytes))).toBe(name);
      expect(blobOfText(factText(bytes))).toBeUndefined();
      expect(blobOfText(`${twinText(bytes)}more\n`)).toBeUndefined();
    }
  });
});

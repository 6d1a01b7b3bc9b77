/** The text twin beside a file: what it is taken for, and that a change of the file writes it. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { twinText } from "../../src/format/describe/text.ts";
import { encodeFile } from "../../src/format/file.ts";
import { adoptFile, sealFile, updateFile } from "../../src/store/update.ts";
import { replaceRecord, twinKind, twinPath, twinState } from "../../src/store/twin.ts";
import { verifiedReader } from "../../src/trust/verified.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { rejectionOf } from "../support/errors.ts";
import { useTemporaryFolders } from "../support/temp.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();
const PLAIN = encodeFile(PLAIN_FILE);
const options = { read: verifiedReader({}) };

describe("a twin", () => {
  test("is none, true or untrue", () => {
    const path = writeConfigFile(temporaryFolder());
    expect([twinKind(path), twinState(path, PLAIN)]).toEqual(["none", "none"]);
    writeFileSync(`${path}.txt`, twinText(PLAIN));
    expect([twinKind(path), twinState(path, PLAIN)]).toEqual(["file", "true"]);
    writeFileSync(`${path}.txt`, `${twinText(PLAIN)} `);
    expect([twinKind(path), twinState(path, PLAIN)]).toEqual(["file", "untrue"]);
  });

  test("is put right with its file, where a merge left its marks", () => {
    const path = writeConfigFile(temporaryFolder());
    writeFileSync(twinPath(path), "<<<<<<<");
    replaceRecord(path, PLAIN);
    expect(readFileSync(twinPath(path), "utf8")).toBe(twinText(PLAIN));
  });

  test("that is no plain file is untrue, and nothing is written through it", async () => {
    const elsewhere = join(temporaryFolder(), "theirs");
    const linked = writeConfigFile(temporaryFolder());
    writeFileSync(elsewhere, twinText(PLAIN));
    symlinkSync(elsewhere, twinPath(linked));
    const blocked = writeConfigFile(temporaryFolder());
    mkdirSync(twinPath(blocked));
    for (const path of [linked, blocked]) {
      expect([twinKind(path), twinState(path, PLAIN)]).toEqual(["other", "untrue"]);
      await updateFile(path, (file) => ({ ...file, frozen: true }), options);
    }
    expect(readFileSync(elsewhere, "utf8")).toBe(twinText(PLAIN));
  });
});

describe("a change of the file", () => {
  test("writes the twin that is there, and makes none", async () => {
    const path = writeConfigFile(temporaryFolder());
    await updateFile(path, (file) => ({ ...file, frozen: true }), options);
    expect(existsSync(twinPath(path))).toBe(false);
    writeFileSync(twinPath(path), "old");
    const thaw = { ...options, allowFrozen: true };
    await updateFile(path, (file) => ({ ...file, frozen: false }), thaw);
    const bytes = readFileSync(path);
    expect(readFileSync(twinPath(path), "utf8")).toBe(twinText(bytes));
    expect(twinState(path, bytes)).toBe("true");
  });

  test("by its signed form writes it, too, unless the file changed meanwhile", async () => {
    const path = writeConfigFile(temporaryFolder());
    writeFileSync(twinPath(path), "old");
    const signed = { ...PLAIN_FILE, frozen: true };
    await sealFile(path, PLAIN, signed);
    expect(readFileSync(path)).toEqual(Buffer.from(encodeFile(signed)));
    expect(twinState(path, encodeFile(signed))).toBe("true");
    expect(await rejectionOf(sealFile(path, PLAIN, PLAIN_FILE))).toHaveProperty(
      "code",
      "ERR_CONFLICT",
    );
    expect(readFileSync(path)).toEqual(Buffer.from(encodeFile(signed)));
  });

  test("by a file from elsewhere writes it, too", async () => {
    const path = writeConfigFile(temporaryFolder());
    writeFileSync(twinPath(path), "old");
    const newer = encodeFile({ ...PLAIN_FILE, generation: PLAIN_FILE.generation + 1 });
    await adoptFile(path, newer, options);
    expect(readFileSync(path)).toEqual(Buffer.from(newer));
    expect(twinState(path, newer)).toBe("true");
  });
});

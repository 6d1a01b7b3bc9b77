import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { recordFromText } from "../../src/format/record.ts";
import { findPin, formatPins, parsePins, pinForChildren } from "../../src/runtime/pin.ts";
import { writeConfigFile } from "../support/config_files.ts";
import { SEED } from "../support/properties.ts";
import { errorOf } from "../support/errors.ts";
import { useTemporaryFolders } from "../support/temp.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

const TEXT = "014074c8c80400000001185099";
const OTHER_TEXT = "01c79ae5840000000001185053";
const RECORD = recordFromText(TEXT);
const OTHER = recordFromText(OTHER_TEXT);

const path = fc
  .array(fc.constantFrom(..."ab/,%@ 2c5é😀".split("")), { maxLength: 12 })
  .map((characters) => `/${characters.join("")}`);
const pin = fc.record({
  record: fc.constantFrom(RECORD, OTHER),
  path: fc.option(path, { nil: undefined }),
});
const pins = fc.uniqueArray(pin, { maxLength: 16, selector: (one) => one.path });

function expectBad(text: string, reason: string): void {
  const error = errorOf(() => parsePins(text));
  expect(error).toBeInstanceOf(ImmuconfigError);
  expect(error).toHaveProperty("code", "ERR_PIN");
  expect(error).toHaveProperty("message", expect.stringContaining(reason));
}

describe("a list of pins", () => {
  test("comes back from its text", () => {
    fc.assert(
      fc.property(pins, (list) => {
        expect(parsePins(formatPins(list))).toEqual(list);
      }),
      { numRuns: 2_000, seed: SEED },
    );
  });

  test("has one text", () => {
    const piece = fc.constantFrom(
      TEXT,
      OTHER_TEXT,
      "@",
      "/",
      ",",
      "%",
      "%25",
      "%2c",
      "%2C",
      "a",
      "",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join("");
        let list;
        try {
          list = parsePins(text);
        } catch (error) {
          expect(error).toHaveProperty("code", "ERR_PIN");
          return;
        }
        expect(formatPins(list)).toBe(text);
      }),
      { numRuns: 20_000, seed: SEED },
    );
  });

  test.each([
    [TEXT.slice(1), "26 lower-case hex digits"],
    [TEXT.toUpperCase(), "26 lower-case hex digits"],
    [TEXT.replace("99", "98"), "check byte"],
    [`${TEXT} `, "26 lower-case hex digits"],
    [`${TEXT}/a`, "26 lower-case hex digits"],
    [`${TEXT}.@/a`, "bits: expected whole words"],
    [`${TEXT}.00000000@/a`, "bits: expected a last word"],
    [`${TEXT}@`, "absolute path"],
    [`${TEXT}@a/b`, "absolute path"],
    [`${TEXT}@./a`, "absolute path"],
    [`${TEXT}@/a%2`, "absolute path"],
    [`${TEXT}@/a%2C`, "absolute path"],
    [`${TEXT},`, "26 lower-case hex digits"],
    [`,${TEXT}`, "26 lower-case hex digits"],
    [`${TEXT},${OTHER_TEXT}`, "two records for one file"],
    [`${TEXT}@/a,${TEXT}@/a`, "two records for one file"],
    ["OFF", "26 lower-case hex digits"],
    [`off,${TEXT}`, "26 lower-case hex digits"],
    [Array.from({ length: 17 }, (_, i) => `${TEXT}@/${i}`).join(","), "17 records"],
  ])("is refused as %p", (text, reason) => expectBad(text, reason));

  test.each([undefined, "", "off"])("is empty as %p", (text) => {
    expect(parsePins(text)).toEqual([]);
  });
});

describe("the pin of a file", () => {
  test("is the one for its path, else the one for every file", () => {
    const folder = temporaryFolder();
    const file = writeConfigFile(folder);
    const bound = { IMMUCONFIG_PIN: `${TEXT},${OTHER_TEXT}@${file}` };
    expect(findPin(bound, file)?.record).toEqual(OTHER);
    const loose = { IMMUCONFIG_PIN: `${TEXT},${OTHER_TEXT}@${file}x` };
    expect(findPin(loose, file)?.record).toEqual(RECORD);
    const elsewhere = { IMMUCONFIG_PIN: `${OTHER_TEXT}@${file}x` };
    expect(findPin(elsewhere, file)).toBeUndefined();
    expect(findPin({ IMMUCONFIG_PIN: "off" }, file)).toBeUndefined();
    expect(findPin({}, file)).toBeUndefined();
  });

  test("is found by its real path", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "real"));
    const file = writeConfigFile(join(folder, "real"));
    symlinkSync("real", join(folder, "link"));
    const env = { IMMUCONFIG_PIN: `${OTHER_TEXT}@${file}` };
    expect(findPin(env, join(folder, "link", "bunfig.lockb"))?.record).toEqual(OTHER);
  });

  test("is an error when any part of the list is bad", () => {
    const file = writeConfigFile(temporaryFolder());
    const env = { IMMUCONFIG_PIN: `${TEXT}@${file},nonsense` };
    expect(errorOf(() => findPin(env, file))).toHaveProperty("code", "ERR_PIN");
  });
});

describe("the value for children", () => {
  test("adds the file to what was inherited, or takes its place", () => {
    const file = writeConfigFile(temporaryFolder());
    expect(pinForChildren({}, file, TEXT)?.text).toBe(`${TEXT}@${file}`);
    const inherited = `${OTHER_TEXT},${OTHER_TEXT}@${file},${OTHER_TEXT}@/other`;
    expect(pinForChildren({ IMMUCONFIG_PIN: inherited }, file, TEXT)?.text).toBe(
      `${OTHER_TEXT},${OTHER_TEXT}@/other,${TEXT}@${file}`,
    );
  });

  test("is none when pins are off", () => {
    const file = writeConfigFile(temporaryFolder());
    expect(pinForChildren({ IMMUCONFIG_PIN: "off" }, file, TEXT)).toBeUndefined();
  });

  test("never holds more than a child accepts", () => {
    const file = writeConfigFile(temporaryFolder());
    const list = (length: number): string =>
      Array.from({ length }, (_, i) => `${TEXT}@/${i}`).join(",");
    const error = errorOf(() => pinForChildren({ IMMUCONFIG_PIN: list(16) }, file, TEXT));
    expect(error).toHaveProperty("code", "ERR_PIN");
    const most = pinForChildren({ IMMUCONFIG_PIN: list(15) }, file, TEXT)?.text;
    expect(parsePins(most)).toHaveLength(16);
  });
});

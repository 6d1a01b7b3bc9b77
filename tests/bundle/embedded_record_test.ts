import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readEmbeddedRecord, recordMarker } from "../../src/bundle/flags/embedded_record.ts";
import { recordToText } from "../../src/format/record.ts";
import { cli } from "../support/cli.ts";
import { run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

const TEXT = "014074c8c80400000001185099";
const OTHER = "01c79ae5840000000001185053";
const MARKER = `/*! immuconfig:record:${TEXT} */`;
const temporaryFolder = useTemporaryFolders();

function found(text: string): string | undefined {
  const path = join(temporaryFolder(), "built.js");
  writeFileSync(path, text);
  const embedded = readEmbeddedRecord(path);
  return embedded === undefined ? undefined : `${recordToText(embedded.record)}@${embedded.offset}`;
}

describe("one marker", () => {
  test("is written as it is read", () => {
    expect(recordMarker(TEXT)).toBe(MARKER);
    expect(found(`console.log(1);\n${MARKER}\n`)).toBe(`${TEXT}@16`);
  });

  test("may stand there twice", () => expect(found(MARKER + MARKER)).toBe(`${TEXT}@0`));

  test("is absent from other texts, and from the code that writes it", () => {
    expect(found("")).toBeUndefined();
    expect(found('const HEAD = "/*! immuconfig:record:";')).toBeUndefined();
    expect(found(`// immuconfig:record:${TEXT}`)).toBeUndefined();
  });
});

describe("refused", () => {
  const faults: Record<string, string> = {
    "two records": `${MARKER}/*! immuconfig:record:${OTHER} */`,
    "a wrong check byte": MARKER.replace("99 */", "98 */"),
    "upper-case digits": MARKER.replace("c8c8", "C8C8"),
    "a digit too many": MARKER.replace(" */", "0 */"),
    "a digit too few": MARKER.replace("99 */", "9 */"),
    "an end that is cut off": MARKER.slice(0, -1),
    "a version that does not exist": MARKER.replace(":01", ":ff"),
  };
  for (const [name, text] of Object.entries(faults)) {
    test(name, () => expect(() => found(text)).toThrow(/embedded record: expected/));
  }
});

describe("a file", () => {
  test("is read across the edges of the windows it is read in", () => {
    const path = join(temporaryFolder(), "big");
    const edge = 1 << 20;
    for (let shift = 0; shift <= MARKER.length + 1; shift += 5) {
      const at = edge - shift;
      writeFileSync(path, Buffer.concat([Buffer.alloc(at, 0x2f), Buffer.from(MARKER)]));
      const embedded = readEmbeddedRecord(path);
      expect(embedded?.offset).toBe(at);
    }
  });

  test("that is not there is reported as such", () => {
    expect(() => readEmbeddedRecord(join(temporaryFolder(), "no"))).toThrow("does not exist");
  });

  testWith("mkfifo")("that is none is refused at once", async () => {
    const path = join(temporaryFolder(), "pipe");
    expect((await run(["mkfifo", path])).exitCode).toBe(0);
    // In a process of its own: one that waits for a writer cannot be stopped from inside.
    const words = ["inspect", path];
    const { exitCode, stderr } = await cli(words, { cwd: temporaryFolder(), timeoutMs: 4000 });
    expect(stderr).toContain(`cannot read ${path}: it is a device or a pipe`);
    expect(exitCode).toBe(1);
  });

  test("with a fault is named", () => {
    const path = join(temporaryFolder(), "bad.js");
    writeFileSync(path, MARKER.replace("99 */", "98 */"));
    expect(() => readEmbeddedRecord(path)).toThrow(`${path} is not valid: offset 0`);
  });
});

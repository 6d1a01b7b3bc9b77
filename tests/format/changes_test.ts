import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { changeText, describeChanges } from "../../src/format/describe/changes.ts";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { setRegistry } from "../../src/format/edit/set_registries.ts";
import { setTerminalSize } from "../../src/format/edit/set_fields.ts";
import { switchFlags } from "../../src/format/edit/switch_flags.ts";
import { describeFile } from "../../src/format/describe/facts.ts";
import { type File, encodeFile } from "../../src/format/file.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { arbitraryBranches } from "../support/arbitrary_file.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const FILE = defaultFile({ registry: "https://registry.example.test" });

const words = (before: File | undefined, after: File) =>
  describeChanges(before, after).map(changeText);

test("a change is one line", () => {
  expect(words(FILE, switchFlags(["DEBUG"], true)(FILE))).toEqual(["DEBUG: off → on"]);
  expect(words(FILE, setTerminalSize("rows", 30)(FILE))).toEqual(["terminal.rows: 24 → 30"]);
  expect(words(FILE, setRegistry("https://a.example.test")(FILE))).toEqual([
    expect.stringMatching(/^registry: https:\/\/registry\.example\.test \(c8c87440\) → https:/),
  ]);
});

test("what is new or gone says so", () => {
  const more = defineFlag("NEXT", { bit: 0, owner: "ann" })(FILE);
  expect(words(FILE, more)).toEqual([
    "NEXT: added, off",
    "NEXT bit: added, 0",
    "NEXT owner: added, ann",
  ]);
  expect(words(more, FILE)).toContain("NEXT bit: removed, was 0");
  expect(words(undefined, FILE)).toContain("version: added, 1");
});

test("a bit that is on without a name is a fact", () => {
  const stray = { ...FILE, record: { ...FILE.record, featureFlags: 1n << 1023n } };
  expect(words(FILE, stray)).toEqual(["bit 1023: added, on, without a name"]);
});

test("files differ in words if and only if they differ in bytes", () => {
  fc.assert(
    fc.property(arbitraryBranches, ([base, ours, theirs]) => {
      // The generation would make every pair differ.
      const [a, b, c] = [base, ours, theirs].map((file) => Object.assign(file, { generation: 1 }));
      for (const [left, right] of [
        [a, b],
        [b, c],
      ]) {
        if (left === undefined || right === undefined) throw new Error("three files");
        const sameBytes = Buffer.compare(encodeFile(left), encodeFile(right)) === 0;
        expect(describeChanges(left, right).length === 0).toBe(sameBytes);
      }
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test("every kind of fact has its words", () => {
  const url = "https://npm.example.test";
  const flags = [
    { bit: 0, name: "A" },
    { bit: 1, name: "B" },
  ];
  const file: File = {
    ...FILE,
    record: { ...FILE.record, featureFlags: 0b111n },
    packages: new Uint8Array(),
    signature: { keyId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), bytes: new Uint8Array(64) },
    flags,
    meta: {
      project: "shop",
      flags: { A: { retired: true }, B: { description: "b", expires: "2030-12-31" } },
      registries: { "@acme": url },
      bun: { minimum: "1.4.5" },
      upgrade: { unsigned: [url] },
    },
  };
  expect([...describeFile(file)]).toEqual([
    ["project", "shop"],
    ["version", "1"],
    ["registry", "c8c87440, URL unknown"],
    ["registry.@acme", url],
    ["features.A", "retired, yet on"],
    ["features.A bit", "0"],
    ["features.B", "on"],
    ["features.B bit", "1"],
    ["features.B description", "b"],
    ["features.B expires", "2030-12-31"],
    ["bit 2", "on, without a name"],
    ["terminal.mode", "cooked"],
    ["terminal.rows", "24"],
    ["terminal.cols", "80"],
    ["bun.minimum", "1.4.5"],
    [`upgrade.unsigned ${url}`, "accepted"],
    ["packages", "0"],
    ["frozen", "false"],
    ["signature", "by key 0102030405060708"],
    ["generation", "1"],
  ]);
});

test("the words do not depend on how the file was made", () => {
  const one = setRegistry(
    "https://a.example.test",
    "@a",
  )(setRegistry("https://b.example.test", "@b")(FILE));
  const other = setRegistry(
    "https://b.example.test",
    "@b",
  )(setRegistry("https://a.example.test", "@a")(FILE));
  expect([...describeFile(one)]).toEqual([...describeFile(other)]);
});

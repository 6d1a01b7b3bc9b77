/** What overrides may do to a flag, by all that a record can say of it. */

import { describe, expect, test } from "bun:test";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { setFrozen } from "../../src/format/edit/set_fields.ts";
import { switchFlags } from "../../src/format/edit/switch_flags.ts";
import type { File } from "../../src/format/file.ts";
import { letsSwitch, liveRule } from "../../src/format/live_rule.ts";
import { PLAIN_FILE } from "../support/config_files.ts";

const OPEN = defineFlag("A")(PLAIN_FILE);
const FROZEN = setFrozen(true)(OPEN);
const SIGNED: File = {
  ...OPEN,
  signature: { keyId: new Uint8Array(8).fill(1), bytes: new Uint8Array(64) },
};

const on = (file: File): File => switchFlags(["A"], true)(file);
const ruled = (file: File, live: "off" | "none"): File => defineFlag("A", { live })(file);

describe("an override", () => {
  test.each([
    ["open, off", OPEN, "any", true, true],
    ["open, on", on(OPEN), "any", true, true],
    ["frozen, off", FROZEN, "off", false, true],
    ["frozen, on", on(FROZEN), "off", true, true],
    ["signed, off", SIGNED, "off", false, true],
    ["signed, on", on(SIGNED), "off", true, true],
    ["ruled off, off", ruled(OPEN, "off"), "off", false, true],
    ["ruled off, on", on(ruled(OPEN, "off")), "off", true, true],
    ["ruled none, off", ruled(OPEN, "none"), "none", false, false],
    ["ruled none, on", on(ruled(OPEN, "none")), "none", false, false],
    ["ruled none, frozen", ruled(FROZEN, "none"), "none", false, false],
  ] as const)("of a flag that is %s", (...row) => {
    const [, file, rule, mayGoOn, mayGoOff] = row;
    expect(liveRule(file, "A")).toBe(rule);
    expect([letsSwitch(file, "A", true), letsSwitch(file, "A", false)]).toEqual([
      mayGoOn,
      mayGoOff,
    ]);
  });

  test("of a name that the record does not have switches nothing there", () => {
    expect(letsSwitch(FROZEN, "constructor", true)).toBe(true);
    expect(liveRule(OPEN, "constructor")).toBe("any");
  });
});

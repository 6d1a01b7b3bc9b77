import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { changeText, describeChanges } from "../../src/format/describe/changes.ts";
import { type Change } from "../../src/format/edit/change.ts";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { retireFlag, switchFlags } from "../../src/format/edit/switch_flags.ts";
import {
  setFrozen,
  setMinimumBun,
  setTerminalMode,
  setTerminalSize,
  setVersion,
} from "../../src/format/edit/set_fields.ts";
import { setRegistry, setUnsignedRegistries } from "../../src/format/edit/set_registries.ts";
import { describeFile } from "../../src/format/describe/facts.ts";
import type { File } from "../../src/format/file.ts";
import { mergeFiles } from "../../src/format/merge/merge.ts";
import type { Choice } from "../../src/format/merge/three_way.ts";
import { GENERATION_MAX } from "../../src/base/limits.ts";
import { defaultFile } from "../../src/store/default_file.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const BASE = edit(
  defaultFile({ registry: "https://registry.example.test" }),
  defineFlag("ALPHA", { bit: 0 }),
  defineFlag("BETA", { bit: 1 }),
);

const SCOPED = edit(BASE, setRegistry("https://a.example.test", "@acme"));

function edit(file: File, ...changes: Change[]): File {
  const changed = changes.reduce((current, change) => change(current), file);
  return changes.length === 0 ? file : { ...changed, generation: file.generation + 1 };
}

/** The merged file's difference from BASE, in words. */
function joined(ours: File, theirs: File) {
  const { file, conflicts } = mergeFiles(BASE, ours, theirs);
  expect(conflicts).toEqual([]);
  return describeChanges(BASE, file).map(changeText);
}

/** The fields in conflict. */
function conflicting(ours: File, theirs: File) {
  const { conflicts } = mergeFiles(BASE, ours, theirs);
  return conflicts.map(({ field }) => field);
}

describe("changes of different things are joined", () => {
  test("two flags, switched and described", () => {
    const ours = edit(BASE, switchFlags(["ALPHA"], true), defineFlag("BETA", { owner: "ann" }));
    const theirs = edit(BASE, switchFlags(["BETA"], true), setTerminalSize("rows", 30));
    expect(joined(ours, theirs)).toEqual([
      "ALPHA: off → on",
      "BETA: off → on",
      "BETA owner: added, ann",
      "terminal.rows: 24 → 30",
      "generation: 2 → 4",
    ]);
  });

  test("a registry, a scope and the config version", () => {
    const ours = edit(BASE, setRegistry("https://a.example.test"), setVersion(0, true));
    const theirs = edit(BASE, setRegistry("https://b.example.test", "@acme"));
    const file = mergeFiles(BASE, ours, theirs).file;
    expect(file.meta.registries).toEqual({
      default: "https://a.example.test",
      "@acme": "https://b.example.test",
    });
    expect(file.record.registryHash).toBe(ours.record.registryHash);
    expect(file.record.version).toBe(0);
  });

  test("new flags at different bits", () => {
    const ours = edit(BASE, defineFlag("GAMMA", { bit: 8 }), switchFlags(["GAMMA"], true));
    const theirs = edit(BASE, defineFlag("DELTA", { bit: 9, description: "new" }));
    expect(joined(ours, theirs)).toEqual(
      expect.arrayContaining(["GAMMA: added, on", "GAMMA bit: added, 8", "DELTA bit: added, 9"]),
    );
  });

  test("retiring wins over a switch, and says so", () => {
    const retired = edit(BASE, retireFlag("ALPHA"));
    const enabled = edit(BASE, switchFlags(["ALPHA"], true));
    for (const merge of [mergeFiles(BASE, retired, enabled), mergeFiles(BASE, enabled, retired)]) {
      expect(describeFile(merge.file).get("features.ALPHA")).toBe("retired");
      expect(merge.notes).toHaveLength(1);
      expect(merge.notes[0]).toStartWith("ALPHA was switched on");
    }
  });

  test("retiring a flag that was on says what the other side's switch was", () => {
    const base = edit(BASE, switchFlags(["ALPHA"], true));
    const off = edit(base, switchFlags(["ALPHA"], false));
    const { notes } = mergeFiles(base, off, edit(base, retireFlag("ALPHA")));
    expect(notes).toEqual([
      "ALPHA was switched off on one side and retired on the other: it is retired",
    ]);
  });

  test("without a base, registries that either side takes without signatures are in", () => {
    const ours = edit(BASE, setUnsignedRegistries("https://a.test,https://b.test"));
    const theirs = edit(BASE, setUnsignedRegistries("https://b.test,https://c.test"));
    expect(mergeFiles(undefined, ours, theirs).file.meta.upgrade?.unsigned).toEqual([
      "https://a.test",
      "https://b.test",
      "https://c.test",
    ]);
  });

  test("a side that only lost the signature of a frozen record says nothing", () => {
    const frozen = edit(BASE, setFrozen(true));
    const signature = { keyId: new Uint8Array(8).fill(7), bytes: new Uint8Array(64) };
    const thawed = edit(frozen, setFrozen(false), setTerminalSize("rows", 30));
    const { file, conflicts } = mergeFiles({ ...frozen, signature }, frozen, thawed);
    expect(conflicts).toEqual([]);
    expect(file.record.rows).toBe(30);
  });

  test("up to the last generation", () => {
    const ours = { ...edit(BASE, setTerminalSize("rows", 30)), generation: GENERATION_MAX - 1 };
    expect(mergeFiles(BASE, ours, BASE).file.generation).toBe(GENERATION_MAX);
  });

  test("without a base, what is equal stays and what one side has is kept", () => {
    const ours = edit(BASE, defineFlag("GAMMA", { bit: 8 }));
    const { file } = mergeFiles(undefined, ours, BASE);
    expect(file.flags).toEqual(ours.flags);
    const wider = edit(BASE, setTerminalSize("cols", 120));
    expect(mergeFiles(undefined, wider, BASE).conflicts).toEqual([
      { field: "terminal.cols", ours: "120", theirs: "80" },
    ]);
  });
});

/** A section that nobody here knows. */
function section(byte: number, tag = "Xtra") {
  return [{ tag, payload: Uint8Array.of(byte), offset: 0 }];
}

/** 40 sections: one file may have 64. */
function sections(letter: string) {
  return Array.from({ length: 40 }, (_, index) =>
    section(index, `${letter}${String(index).padStart(3, "0")}`),
  ).flat();
}

/** The flags that are called till, in whatever case. */
function tills({ flags }: File): string[] {
  return flags.map(({ name }) => name).filter((name) => /^till$/i.test(name));
}

describe("true conflicts", () => {
  test("without a base, everything that differs, each by its name", () => {
    const ours = edit(
      BASE,
      setRegistry("https://a.example.test", "@acme"),
      setMinimumBun("1.4.5"),
      setFrozen(true),
    );
    const other = edit(
      BASE,
      setVersion(0, true),
      setRegistry("https://b.example.test", "@acme"),
      setMinimumBun("1.5.0"),
      setTerminalMode("raw"),
      setTerminalSize("rows", 30),
      setTerminalSize("cols", 120),
      switchFlags(["ALPHA"], true),
    );
    const named = { ...ours, meta: { ...ours.meta, project: "shop" } };
    const theirs = { ...other, meta: { ...other.meta, project: "blog" } };
    expect(mergeFiles(undefined, named, theirs).conflicts).toEqual([
      { field: "version", ours: "1", theirs: "0" },
      { field: "features.ALPHA", ours: "off", theirs: "on" },
      { field: "terminal.mode", ours: "cooked", theirs: "raw" },
      { field: "terminal.rows", ours: "24", theirs: "30" },
      { field: "terminal.cols", ours: "80", theirs: "120" },
      { field: "frozen", ours: "true", theirs: "false" },
      {
        field: "registry.@acme",
        ours: "https://a.example.test",
        theirs: "https://b.example.test",
      },
      { field: "project", ours: "shop", theirs: "blog" },
      { field: "bun.minimum", ours: "1.4.5", theirs: "1.5.0" },
    ]);
  });

  test("what one side removed and the other changed", () => {
    const { "@acme": _, ...others } = SCOPED.meta.registries ?? {};
    const less = { ...SCOPED, meta: { ...SCOPED.meta, registries: others } };
    const moved = edit(SCOPED, setRegistry("https://b.example.test", "@acme"));
    expect(mergeFiles(SCOPED, less, moved).conflicts).toEqual([
      { field: "registry.@acme", ours: "none", theirs: "https://b.example.test" },
    ]);
    const gone = { ...BASE, flags: BASE.flags.filter(({ name }) => name !== "ALPHA") };
    const described = edit(
      BASE,
      switchFlags(["ALPHA"], true),
      defineFlag("ALPHA", { owner: "ann" }),
    );
    const retired = edit(BASE, retireFlag("ALPHA"));
    expect(mergeFiles(BASE, gone, described).conflicts).toEqual([
      {
        field: "features.ALPHA",
        ours: "none",
        theirs: 'defined at bit 0, on, owner "ann"',
      },
    ]);
    expect(mergeFiles(BASE, retired, gone).conflicts).toEqual([
      { field: "features.ALPHA", ours: "retired at bit 0, off", theirs: "none" },
    ]);
  });

  test("a bit that one side named and the other has on without a name", () => {
    const stray = { ...BASE, record: { ...BASE.record, featureFlags: 0b1000n } };
    const named = edit(BASE, defineFlag("GAMMA", { bit: 3 }));
    expect(mergeFiles(BASE, stray, named).conflicts).toEqual([
      { field: "bit.3", ours: "no flag", theirs: "GAMMA" },
    ]);
  });

  test("two new flags whose names differ by case alone", () => {
    const ours = edit(
      BASE,
      defineFlag("till", { bit: 40, owner: "ann" }),
      switchFlags(["ALPHA"], true),
    );
    const theirs = edit(BASE, defineFlag("Till", { bit: 41 }), setTerminalSize("rows", 30));
    const open = mergeFiles(BASE, ours, theirs);
    expect(open.conflicts).toEqual([{ field: "features.till", ours: "till", theirs: "Till" }]);
    expect([tills(open.file), open.file.record.rows]).toEqual([["till"], 30]);
    const settled = mergeFiles(BASE, ours, theirs, () => "theirs");
    expect([settled.conflicts, tills(settled.file)]).toEqual([[], ["Till"]]);
    expect(settled.file.record.featureFlags).toBe(ours.record.featureFlags);
  });

  test("the same field with two values", () => {
    const ours = edit(BASE, setTerminalSize("rows", 30), setRegistry("https://a.example.test"));
    const theirs = edit(BASE, setTerminalSize("rows", 40), setRegistry("https://b.example.test"));
    expect(mergeFiles(BASE, ours, theirs).conflicts).toEqual([
      {
        field: "registry",
        ours: expect.stringMatching(/^https:\/\/a\.example\.test \([0-9a-f]{8}\)$/),
        theirs: expect.stringContaining("https://b.example.test"),
      },
      { field: "terminal.rows", ours: "30", theirs: "40" },
    ]);
  });

  test("two new flags at one bit, and one new flag at two bits", () => {
    const gamma = edit(BASE, defineFlag("GAMMA", { bit: 3 }));
    const delta = edit(BASE, defineFlag("DELTA", { bit: 3 }));
    expect(mergeFiles(BASE, gamma, delta).conflicts).toEqual([
      { field: "bit.3", ours: "GAMMA", theirs: "DELTA" },
    ]);
    expect(conflicting(gamma, edit(BASE, defineFlag("GAMMA", { bit: 9 })))).toEqual([
      "features.GAMMA bit",
    ]);
  });

  test("a record that one side froze and the other changed", () => {
    const frozen = edit(BASE, setTerminalSize("rows", 30), setFrozen(true));
    const changed = edit(BASE, switchFlags(["ALPHA"], true));
    expect(mergeFiles(BASE, frozen, changed).conflicts).toEqual([
      { field: "frozen", ours: "frozen", theirs: "ALPHA: off → on" },
    ]);
    expect(conflicting(changed, frozen)).toEqual(["frozen"]);
  });

  test("a record that was frozen before is changed by the side that thawed it", () => {
    const base = edit(BASE, setFrozen(true));
    const thawed = edit(base, setFrozen(false), switchFlags(["ALPHA"], true));
    const { file } = mergeFiles(base, base, thawed);
    expect(file.frozen).toBe(false);
    expect(file.record.featureFlags).toBe(thawed.record.featureFlags);
  });

  test("signed files, sections unknown here, and the last generation", () => {
    const signature = { keyId: new Uint8Array(8).fill(7), bytes: new Uint8Array(64) };
    expect(conflicting({ ...BASE, signature }, edit(BASE, setTerminalSize("rows", 30)))).toEqual([
      "signature",
    ]);
    expect(
      conflicting({ ...BASE, extensions: section(1) }, { ...BASE, extensions: section(2) }),
    ).toEqual(["section.Xtra"]);
    expect(
      conflicting({ ...BASE, generation: GENERATION_MAX }, edit(BASE, setTerminalSize("rows", 30))),
    ).toEqual(["generation"]);
  });

  test("two sides that are too much together", () => {
    expect(
      conflicting({ ...BASE, extensions: sections("A") }, { ...BASE, extensions: sections("B") }),
    ).toEqual(["sections"]);
  });
});

describe("a conflict keeps what joins", () => {
  const gamma = edit(BASE, defineFlag("GAMMA", { bit: 3 }), switchFlags(["GAMMA"], true));
  const theirs = edit(
    BASE,
    defineFlag("DELTA", { bit: 3, owner: "ann" }),
    switchFlags(["DELTA", "ALPHA"], true),
    setRegistry("https://b.example.test"),
  );
  const facts = (choice?: Choice) => {
    const { file, conflicts } = mergeFiles(BASE, gamma, theirs, () => choice);
    expect(conflicts).toHaveLength(choice === undefined ? 1 : 0);
    expect(file.meta.registries).toEqual({ default: "https://b.example.test" });
    const known = describeFile(file);
    expect(known.get("features.ALPHA")).toBe("on");
    return ["GAMMA", "DELTA"].map((name) => known.get(`features.${name} bit`));
  };

  test("and ours stands in where it is open", () => {
    expect(facts()).toEqual(["3", undefined]);
  });

  test("a bit goes to either flag, and the other is left out or moves with all it has", () => {
    expect(facts("ours")).toEqual(["3", undefined]);
    expect(facts("theirs")).toEqual([undefined, "3"]);
    const [stays, moved] = facts("move");
    expect(stays).toBe("3");
    expect(["0", "1", "2", "3", undefined]).not.toContain(moved);
    const { file } = mergeFiles(BASE, gamma, theirs, () => "move");
    expect(describeFile(file).get("features.DELTA")).toBe("on");
    expect(describeFile(file).get("features.DELTA owner")).toBe("ann");
    expect(facts("move-ours")[1]).toBe("3");
    expect(facts("move-ours")[0]).not.toBe("3");
  });

  test("one value is ours or theirs, and never moves", () => {
    const [narrow, wide] = [60, 120].map((cols) => edit(BASE, setTerminalSize("cols", cols)));
    const cols = (choice: Choice) => {
      const { file, conflicts } = mergeFiles(BASE, narrow ?? BASE, wide ?? BASE, () => choice);
      return [file.record.cols, conflicts.length];
    };
    expect(cols("ours")).toEqual([60, 0]);
    expect(cols("theirs")).toEqual([120, 0]);
    expect(cols("move")).toEqual([60, 1]);
  });

  test("a frozen side stands as it is, or takes the other's changes", () => {
    const frozen = edit(BASE, setTerminalSize("rows", 30), setFrozen(true));
    const changed = edit(BASE, switchFlags(["ALPHA"], true));
    const joinedBy = (choice: Choice) => {
      const { file } = mergeFiles(BASE, frozen, changed, () => choice);
      return [file.frozen, file.record.rows, file.record.featureFlags];
    };
    expect(joinedBy("ours")).toEqual([true, 30, 0n]);
    expect(joinedBy("theirs")).toEqual([true, 30, 1n]);
  });

  test("a signed file stays whole until it is settled, and the joined one is unsigned", () => {
    const signature = { keyId: new Uint8Array(8).fill(7), bytes: new Uint8Array(64) };
    const signed = { ...edit(BASE, setTerminalSize("rows", 30)), signature };
    expect(mergeFiles(BASE, signed, theirs).file).toBe(signed);
    const { file } = mergeFiles(BASE, signed, theirs, () => "ours");
    expect(file.signature).toBeNull();
    expect(describeFile(file).get("features.DELTA")).toBe("on");
  });
});

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { flagSet } from "../../src/format/flag_set.ts";
import { type Change } from "../../src/format/edit/change.ts";
import { renameFlag, setFlagTexts } from "../../src/format/edit/change_flag.ts";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { findFlag, retireFlag, switchFlags } from "../../src/format/edit/switch_flags.ts";
import {
  setFrozen,
  setMinimumBun,
  setOnlineKeys,
  setProject,
  setTerminalMode,
  setTerminalSize,
  setVersion,
} from "../../src/format/edit/set_fields.ts";
import { setRegistry, setUnsignedRegistries } from "../../src/format/edit/set_registries.ts";
import { type File, decodeFile, encodeFile, isRetired } from "../../src/format/file.ts";
import { arbitraryFile } from "../support/arbitrary_file.ts";
import { ALL_FLAGS, PLAIN_FILE } from "../support/config_files.ts";
import { errorOf } from "../support/errors.ts";
import { SEED } from "../support/properties.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

function apply(file: File, ...changes: Change[]): File {
  return changes.reduce((current, change) => change(current), file);
}

/** The code and the message of a refusal, which comes at once or when the change is applied. */
function refusal(make: () => Change, file: File = PLAIN_FILE): string {
  const error = errorOf(() => make()(file));
  if (!(error instanceof Error && "code" in error)) throw new Error("another", { cause: error });
  return `${String(error.code)} ${error.message}`;
}

/** Raw public keys in hex, in the order of the format. */
const KEYS = ["0a", "a0", "ff"].map((byte) => byte.repeat(32));

const THREE = apply(
  PLAIN_FILE,
  defineFlag("A", { bit: 0 }),
  defineFlag("B", { bit: 31, owner: "ann" }),
);

describe("any change", () => {
  const url = fc.constantFrom("https://a.example.test", "https://c.example.test");
  const name = fc.constantFrom("ALPHA", "BETA", "GAMMA", "DELTA", "NEW");
  const change: fc.Arbitrary<() => Change> = fc.oneof(
    fc.tuple(fc.nat(1), fc.boolean()).map(
      ([version, down]) =>
        () =>
          setVersion(version, down),
    ),
    fc.tuple(url, fc.constantFrom(undefined, "default", "@one", "@new")).map(
      ([to, scope]) =>
        () =>
          setRegistry(to, scope),
    ),
    fc.constantFrom("none", "cooked", "raw", "pipe").map((mode) => () => setTerminalMode(mode)),
    fc.tuple(fc.constantFrom("rows", "cols"), fc.nat(255)).map(
      ([side, size]) =>
        () =>
          setTerminalSize(side, size),
    ),
    fc.constantFrom("1.4.5", "1.6.0").map((version) => () => setMinimumBun(version)),
    fc
      .subarray(["https://b.test", "https://a.test/", "none"])
      .map((list) => () => setUnsignedRegistries(list.join(",").replace(/.*none/, "none"))),
    fc.boolean().map((frozen) => () => setFrozen(frozen)),
    fc.constantFrom("shop", "büro").map((project) => () => setProject(project)),
    fc.subarray([...KEYS]).map((keys) => () => setOnlineKeys(keys.join(","))),
    fc.tuple(name, fc.option(fc.nat(31), { nil: undefined })).map(
      ([flag, bit]) =>
        () =>
          defineFlag(flag, { bit, owner: "ann" }),
    ),
    fc.tuple(name, fc.boolean()).map(
      ([flag, on]) =>
        () =>
          switchFlags([flag], on),
    ),
    name.map((flag) => () => retireFlag(flag)),
    fc
      .tuple(
        name,
        fc.constantFrom({ owner: "ann" }, { owner: "", description: "new" }, { live: "" as const }),
      )
      .map(
        ([flag, texts]) =>
          () =>
            setFlagTexts(flag, texts),
      ),
  );

  test("gives a file that can be written, and the same object when it is made again", () => {
    let made = 0;
    fc.assert(
      fc.property(arbitraryFile, change, (file, makeChange) => {
        const before = encodeFile(file);
        let changed: File;
        try {
          changed = makeChange()(file);
        } catch (error) {
          expect(error).toHaveProperty("code", expect.stringMatching(/^ERR_(?!INTERNAL)/));
          return;
        }
        made++;
        const bytes = encodeFile(changed);
        expect(encodeFile(decodeFile(bytes, () => undefined))).toEqual(bytes);
        expect(makeChange()(changed)).toBe(changed);
        if (Buffer.compare(bytes, before) === 0) expect(changed).toBe(file);
        expect(encodeFile(file)).toEqual(before);
      }),
      { seed: SEED, numRuns: 1000 },
    );
    expect(made).toBeGreaterThan(500);
  });
});

test("a setting out of range is refused, its ends are not", () => {
  for (const version of [-1, 2, 0.5]) {
    expect(refusal(() => setVersion(version, true))).toContain(
      `${version} is not a config version`,
    );
  }
  expect(refusal(() => setVersion(0, false))).toStartWith("ERR_DOWNGRADE");
  expect(setVersion(0, true)(PLAIN_FILE).record.version).toBe(0);
  for (const size of [-1, 256, 1.5]) {
    expect(refusal(() => setTerminalSize("rows", size))).toContain("is not a number of rows");
  }
  for (const size of [0, 255])
    expect(setTerminalSize("cols", size)(PLAIN_FILE).record.cols).toBe(size);
  expect(refusal(() => setTerminalMode("cook"))).toContain('"cook" is not a terminal mode');
  expect(refusal(() => setMinimumBun("1.4"))).toContain('"1.4" is not a version');
  expect(refusal(() => setRegistry("https://a.test", "acme"))).toContain('"acme" is not a scope');
});

test("a registry is set with its hash, a scope without", () => {
  const moved = setRegistry("https://A.test/")(PLAIN_FILE);
  expect(moved.meta.registries).toEqual({ default: "https://a.test" });
  expect(moved.record.registryHash).not.toBe(PLAIN_FILE.record.registryHash);
  const scoped = setRegistry("https://a.test", "@acme")(PLAIN_FILE);
  expect(scoped.meta.registries).toEqual({
    ...PLAIN_FILE.meta.registries,
    "@acme": "https://a.test",
  });
  expect(scoped.record).toEqual(PLAIN_FILE.record);
});

test("a project has a name of plain text, and nothing else changes with it", () => {
  const named = setProject("büro")(PLAIN_FILE);
  expect(named).toEqual({ ...PLAIN_FILE, meta: { ...PLAIN_FILE.meta, project: "büro" } });
  for (const project of ["", "a\nb", "ü".repeat(200)]) {
    expect(refusal(() => setProject(project))).toContain("a project's name has no control");
  }
});

test("keys of control planes are listed in order, each once, in small letters", () => {
  const [low = "", high = ""] = KEYS;
  const some = setOnlineKeys(` ${high.toUpperCase()}, ${low},${high},`)(PLAIN_FILE);
  expect(some.meta.online).toEqual([low, high]);
  expect(setOnlineKeys("")(some).meta).toEqual(PLAIN_FILE.meta);
  expect(refusal(() => setOnlineKeys(low.slice(1)))).toContain("is no public key");
  const many = Array.from({ length: 40 }, (_, index) => `${index + 10}`.repeat(32));
  expect(refusal(() => setOnlineKeys(many.join(",")))).toContain("these are 40 keys");
});

function urlList(count: number): string {
  return Array.from({ length: count }, (_, i) => `https://r${i}.test`).join(",");
}

test("registries without signatures are listed in order, each once", () => {
  const some = setUnsignedRegistries(" https://b.test/, https://a.test,https://b.test,")(
    PLAIN_FILE,
  );
  expect(some.meta.upgrade).toEqual({ unsigned: ["https://a.test", "https://b.test"] });
  for (const none of ["none", "", " , "]) {
    expect(setUnsignedRegistries(none)(some).meta).toEqual(PLAIN_FILE.meta);
  }
  expect(setUnsignedRegistries(urlList(256))(PLAIN_FILE).meta.upgrade?.unsigned).toHaveLength(256);
  expect(refusal(() => setUnsignedRegistries(urlList(257)))).toContain("at most 256 registries");
});

/** The bit that a new flag takes. */
function bitOf(file: File, name: string): number | undefined {
  return defineFlag(name)(file).flags.find((flag) => flag.name === name)?.bit;
}

/** A file in which bits are on that have no flag. */
function strayBits(bits: readonly number[]): File {
  return { ...PLAIN_FILE, record: { ...PLAIN_FILE.record, featureFlags: flagSet(bits) } };
}

describe("a flag", () => {
  test("takes a bit by its name, or the next that is free and off", () => {
    const bit = bitOf(PLAIN_FILE, "NEXT") ?? -1;
    expect(bitOf(strayBits([bit, bit + 1]), "NEXT")).toBe(bit + 2);
    const last = { ...ALL_FLAGS, flags: ALL_FLAGS.flags.slice(0, 1023) };
    expect(bitOf(last, "NEXT")).toBe(1023);
    expect(refusal(() => defineFlag("NEXT"), ALL_FLAGS)).toContain("all 1024 bits are taken");
  });

  test("has a name that differs from others by more than case", () => {
    const file = defineFlag("new-checkout")(PLAIN_FILE);
    expect(refusal(() => defineFlag("New-Checkout"), file)).toContain(
      "New-Checkout and new-checkout differ by case alone",
    );
    expect(refusal(() => switchFlags(["debug"], true))).toContain("there is no flag debug");
  });

  test("of two branches seldom meets another's: fewer than one pair in ten", () => {
    const names = Array.from({ length: 64 }, (_, index) => `FLAG_${index}`);
    const bits = names.map((name) => bitOf(PLAIN_FILE, name));
    const pairs = bits.flatMap((bit, at) => bits.slice(at + 1).map((other) => bit === other));
    expect(pairs.filter(Boolean).length / pairs.length).toBeLessThan(0.1);
  });

  test("takes the bit it is given, unless that is no bit or another's", () => {
    expect(THREE.flags.map(({ bit, name }) => `${name}${bit}`)).toEqual(["A0", "DEBUG2", "B31"]);
    for (const bit of [-1, 1024, 0.5]) {
      expect(refusal(() => defineFlag("NEXT", { bit }))).toContain(`${bit} is not a bit`);
    }
    expect(refusal(() => defineFlag("NEXT", { bit: 2 }))).toContain("bit 2 belongs to DEBUG");
    expect(refusal(() => defineFlag("DEBUG", { bit: 3 }))).toContain("a flag keeps its bit");
    expect(defineFlag("DEBUG", { bit: 2 })(PLAIN_FILE)).toBe(PLAIN_FILE);
  });

  test("takes new words and keeps its others", () => {
    expect(THREE.meta.flags).toEqual({ B: { owner: "ann" } });
    const dated = defineFlag("B", { expires: "2030-12-31", description: "new" })(THREE);
    expect(dated.meta.flags).toEqual({
      B: { owner: "ann", expires: "2030-12-31", description: "new" },
    });
    expect(defineFlag("B", { owner: "bob" })(dated).meta.flags?.["B"]?.owner).toBe("bob");
    expect(refusal(() => defineFlag("b c"))).toContain("is not a flag name");
    expect(refusal(() => defineFlag("B", { expires: "2030-02-29" }))).toContain("is not a date");
    expect(refusal(() => defineFlag("B", { owner: "x".repeat(101) }))).toContain("the owner");
    expect(refusal(() => defineFlag("B", { description: "" }))).toContain("the description");
  });

  test("gets and loses words one by one, and has no entry without them", () => {
    const dated = setFlagTexts("B", { expires: "2030-12-31" })(THREE);
    expect(dated.meta.flags).toEqual({ B: { owner: "ann", expires: "2030-12-31" } });
    expect(setFlagTexts("B", { owner: "" })(dated).meta.flags).toEqual({
      B: { expires: "2030-12-31" },
    });
    const bare = setFlagTexts("B", { owner: "" })(THREE);
    expect(decodeFile(encodeFile(bare), () => undefined).meta).toEqual(PLAIN_FILE.meta);
    expect(setFlagTexts("B", { owner: "ann", live: "" })(THREE)).toBe(THREE);
    expect(refusal(() => setFlagTexts("B", { expires: "2030-02-29" }))).toContain("is not a date");
    expect(refusal(() => setFlagTexts("C", { owner: "ann" }), THREE)).toBe(
      "ERR_NOT_FOUND there is no flag C",
    );
    expect(refusal(() => setFlagTexts("B", { owner: "" }), retireFlag("B")(THREE))).toBe(
      "ERR_RETIRED B is retired",
    );
  });

  test("takes another name with its bit, its state and its words", () => {
    const on = switchFlags(["B"], true)(THREE);
    const renamed = renameFlag("B", "new-b")(on);
    expect(renamed.flags).toEqual([
      { bit: 0, name: "A" },
      { bit: 2, name: "DEBUG" },
      { bit: 31, name: "new-b" },
    ]);
    expect(renamed.meta.flags).toEqual({ "new-b": { owner: "ann" } });
    expect(renamed.record).toEqual(on.record);
    expect(renameFlag("A", "C")(THREE).meta).toEqual(THREE.meta);
    expect(renameFlag("B", "b")(on).flags[2]).toEqual({ bit: 31, name: "b" });
    expect(renameFlag("B", "B")(on)).toBe(on);
    const inherited = defineFlag("constructor")(PLAIN_FILE);
    expect(renameFlag("constructor", "C")(inherited).meta).toEqual(PLAIN_FILE.meta);
  });

  test("takes no name that is another's, or nearly, or no name", () => {
    expect(refusal(() => renameFlag("A", "B"), THREE)).toContain("there is a flag B already");
    expect(refusal(() => renameFlag("A", "debug"), THREE)).toContain("differ by case alone");
    expect(refusal(() => renameFlag("A", "b c"), THREE)).toContain("is not a flag name");
    expect(refusal(() => renameFlag("C", "D"), THREE)).toBe("ERR_NOT_FOUND there is no flag C");
    expect(refusal(() => renameFlag("B", "D"), retireFlag("B")(THREE))).toBe(
      "ERR_RETIRED B is retired",
    );
  });

  test("is switched alone", () => {
    const on = switchFlags(["B", "DEBUG"], true)(THREE);
    expect(on.record.featureFlags).toBe(0x8000_0004n);
    expect(switchFlags(["DEBUG"], false)(on).record.featureFlags).toBe(0x8000_0000n);
    expect(refusal(() => switchFlags(["A", "C"], true), THREE)).toBe(
      "ERR_NOT_FOUND there is no flag C",
    );
  });

  test("that is retired is off, keeps its bit and words, and is left alone", () => {
    const on = switchFlags(["A", "B"], true)(THREE);
    const retired = retireFlag("B")(on);
    expect(retired.record.featureFlags).toBe(1n);
    expect(retired.flags).toEqual(THREE.flags);
    expect(retired.meta.flags).toEqual({ B: { owner: "ann", retired: true } });
    expect([isRetired(retired, "A"), isRetired(retired, "B")]).toEqual([false, true]);
    // An old tool may have switched it on: retiring it again is no change.
    const stray = { ...retired, record: on.record };
    expect(retireFlag("B")(stray)).toBe(stray);
    for (const change of [() => defineFlag("B"), () => switchFlags(["B"], false)]) {
      expect(refusal(change, retired)).toBe("ERR_RETIRED B is retired");
    }
    expect(errorOf(() => findFlag(retired, "BB"))).toHaveProperty(
      "hint",
      "Define it with `bun-config feature define BB`.",
    );
    expect(errorOf(() => findFlag(retired, "DEBG"))).toHaveProperty(
      "hint",
      expect.stringContaining("DEBUG"),
    );
  });
});

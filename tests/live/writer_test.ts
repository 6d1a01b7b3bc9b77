import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { retireFlag, switchFlags } from "../../src/format/edit/switch_flags.ts";
import { setFrozen } from "../../src/format/edit/set_fields.ts";
import { encodeFile } from "../../src/format/file.ts";
import { LIVE_OVERRIDE_COUNT_MAX, LIVE_OVERRIDE_MS_MAX } from "../../src/base/limits.ts";
import { liveStatus } from "../../src/live/status.ts";
import { hexBytes } from "../../src/format/bytes.ts";
import { publishIfLive } from "../../src/live/publish_if_live.ts";
import { publish, replaceOverrides, setOverride, unsetOverride } from "../../src/live/writer.ts";
import { Segment, type WriteAt } from "../../src/live/segment_file.ts";
import { updateFile } from "../../src/store/update.ts";
import { readConfigFile, verifiedReader } from "../../src/trust/verified.ts";
import { seedSigner, signedBySeed } from "../support/signing.ts";
import { clockAt, type LiveProject, liveProject, threeFlags } from "./support.ts";

const NOW = 1_800_000_000_000;
/** Both clocks stand still, at one number. */
const clock = clockAt(NOW);

function seen(project: LiveProject, nowMs = NOW) {
  const { condition, isPublished, state } = liveStatus(project.path, project.env, clockAt(nowMs));
  return { condition, isPublished, features: { ...state.features }, overrides: state.overrides };
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ImmuconfigError) return error.code;
    throw error;
  }
  return undefined;
}

describe("an override", () => {
  test("holds beside the file, until it is unset", async () => {
    using project = liveProject();
    const { path, env } = project;
    const bytes = readFileSync(path);
    expect(await setOverride(path, "A", true, { env, ...clock })).toMatchObject({
      changed: true,
      enabled: true,
      endMs: null,
    });
    expect(await setOverride(path, "A", true, { env, ...clock })).toMatchObject({ changed: false });
    expect(seen(project)).toEqual({
      condition: "whole",
      isPublished: true,
      features: { A: true, B: false, DEBUG: false },
      overrides: [{ name: "A", enabled: true, endMs: null }],
    });
    expect(await unsetOverride(path, "A", { env, ...clock })).toMatchObject({ enabled: false });
    expect(await unsetOverride(path, "A", { env, ...clock })).toMatchObject({ changed: false });
    expect(seen(project)).toMatchObject({ features: { A: false }, overrides: [] });
    expect(readFileSync(path)).toEqual(bytes);
  });

  test("ends by itself", async () => {
    using project = liveProject();
    const { path, env } = project;
    await setOverride(path, "B", true, { env, ...clock, forMs: 600_000 });
    expect(seen(project, NOW + 599_999)).toMatchObject({
      features: { B: true },
      overrides: [{ name: "B", enabled: true, endMs: NOW + 600_000 }],
    });
    expect(seen(project, NOW + 600_000)).toMatchObject({ features: { B: false }, overrides: [] });
  });

  test("that is set again has the new end, and the others keep theirs", async () => {
    using project = liveProject();
    const { path, env } = project;
    await updateFile(path, defineFlag("LAST", { bit: 31 }), { read: verifiedReader(env) });
    const ends = (): Record<string, number | null> =>
      Object.fromEntries(seen(project).overrides.map(({ name, endMs }) => [name, endMs]));
    await setOverride(path, "A", true, { env, ...clock, forMs: 1000 });
    await setOverride(path, "LAST", true, { env, ...clock, forMs: 2000 });
    expect(ends()).toEqual({ A: NOW + 1000, LAST: NOW + 2000 });
    expect(await setOverride(path, "A", true, { env, ...clock, forMs: 3000 })).toMatchObject({
      changed: true,
      enabled: true,
      endMs: NOW + 3000,
    });
    expect(await setOverride(path, "LAST", true, { env, ...clock })).toMatchObject({
      changed: true,
      enabled: true,
      endMs: null,
    });
    expect(ends()).toEqual({ A: NOW + 3000, LAST: null });
    expect(seen(project).features).toMatchObject({ A: true, LAST: true });
    await unsetOverride(path, "A", { env, ...clock });
    expect(ends()).toEqual({ LAST: null });
    expect(await setOverride(path, "A", true, { env, ...clock })).toMatchObject({ endMs: null });
    expect(await unsetOverride(path, "LAST", { env, ...clock })).toMatchObject({ enabled: false });
    expect(seen(project).features).toMatchObject({ A: true, LAST: false });
  });

  test("refuses a life of no length or beyond the limit", async () => {
    using project = liveProject();
    const { path, env } = project;
    for (const forMs of [0, -1, Number.NaN, LIVE_OVERRIDE_MS_MAX + 1]) {
      expect(await codeOf(setOverride(path, "A", true, { env, ...clock, forMs }))).toBe(
        "ERR_VALUE",
      );
    }
    expect(existsSync(project.runtime)).toBeFalse();
  });

  test("of an unknown or retired flag is refused", async () => {
    using project = liveProject();
    const { path, env } = project;
    expect(await codeOf(setOverride(path, "AA", true, { env, ...clock }))).toBe("ERR_NOT_FOUND");
    await updateFile(path, retireFlag("B"), { read: verifiedReader(env) });
    expect(await codeOf(setOverride(path, "B", false, { env, ...clock }))).toBe("ERR_RETIRED");
  });

  test("takes from a signed record, and adds nothing to it, whatever was there before", async () => {
    using project = liveProject();
    const { path } = project;
    const seed = new Uint8Array(32).fill(7);
    const env = {
      ...project.env,
      IMMUCONFIG_TRUSTED_KEYS: hexBytes(seedSigner(seed).publicKey),
    };
    // Set while nobody had signed, in the segment that readers of the signed record meet.
    await setOverride(path, "B", true, { env: project.env, ...clock });
    const file = switchFlags(["A"], true)(readConfigFile(path, project.env));
    const { generation } = file;
    writeFileSync(
      path,
      encodeFile(await signedBySeed({ ...file, generation: generation + 1 }, seed)),
    );
    await publish(path, { env, ...clock });
    const features = () => liveStatus(path, env, clock).state.features;
    expect(features()).toMatchObject({ A: true, B: false });
    expect(await codeOf(setOverride(path, "B", true, { env, ...clock }))).toBe("ERR_FROZEN");
    await setOverride(path, "A", false, { env, ...clock });
    expect(features()).toMatchObject({ A: false, B: false });
    // Where nobody's keys are trusted, a signed record is not believed at all.
    expect(await codeOf(setOverride(path, "B", true, { env: project.env, ...clock }))).toBe(
      "ERR_SIGNATURE",
    );
  });

  test("takes from a frozen record, and adds nothing to it", async () => {
    using project = liveProject();
    const { path, env } = project;
    await setOverride(path, "B", true, { env, ...clock });
    await updateFile(path, (file) => setFrozen(true)(switchFlags(["A"], true)(file)), {
      read: verifiedReader(env),
    });
    await publish(path, { env, ...clock });
    expect(seen(project)).toMatchObject({ features: { A: true, B: false }, overrides: [] });
    expect(await codeOf(setOverride(path, "B", true, { env, ...clock }))).toBe("ERR_FROZEN");
    expect(await setOverride(path, "A", false, { env, ...clock })).toMatchObject({
      enabled: false,
    });
    expect(await setOverride(path, "A", true, { env, ...clock })).toMatchObject({ enabled: true });
    expect(await unsetOverride(path, "A", { env, ...clock })).toMatchObject({ enabled: true });
  });
});

describe("a durable change", () => {
  test("reaches a segment that is there, and creates none", async () => {
    using project = liveProject();
    const { path, env } = project;
    expect(await publishIfLive(path, { env, ...clock })).toBeFalse();
    expect(existsSync(project.runtime)).toBeFalse();
    await setOverride(path, "A", true, { env, ...clock });
    await updateFile(path, switchFlags(["B"], true), { read: verifiedReader(env) });
    expect(seen(project)).toMatchObject({ isPublished: false, features: { A: true, B: true } });
    expect(await publishIfLive(path, { env, ...clock })).toBeTrue();
    expect(seen(project)).toMatchObject({ isPublished: true, features: { A: true, B: true } });
  });

  test("publishes what the file says now, in whatever order writers come", async () => {
    using project = liveProject();
    const { path, env } = project;
    await publish(path, { env, ...clock });
    writeFileSync(path, encodeFile({ ...threeFlags(), generation: 9 }));
    await Promise.all([publish(path, { env, ...clock }), publish(path, { env, ...clock })]);
    expect(liveStatus(path, env, clock)).toMatchObject({ isPublished: true, condition: "whole" });
    expect(liveStatus(path, env, clock).state.generation).toBe(9);
  });
});

describe("a writer that stops", () => {
  class Stopped extends Error {}

  /** Lets some writes through, and of the next one a part. */
  function stopAfter(writes: number, bytes: number): WriteAt {
    let count = 0;
    return (descriptor, data, offset) => {
      const part = count++ < writes ? data : data.subarray(0, bytes);
      writeSync(descriptor, part, 0, part.length, offset);
      if (part !== data) throw new Stopped();
    };
  }

  test("at any step leaves the last whole state, and the next writer goes on", async () => {
    using project = liveProject();
    const { path, env } = project;
    await setOverride(path, "A", true, { env, ...clock });
    for (const [writes, bytes] of [
      [0, 0],
      [1, 0],
      [1, 8],
      [1, 100],
      [1, 190],
      [2, 0],
    ] as const) {
      const before = seen(project);
      const writeAt = stopAfter(writes, bytes);
      const stopped = setOverride(path, "B", !before.features["B"], { env, ...clock, writeAt });
      expect(await stopped.catch((error: unknown) => error)).toBeInstanceOf(Stopped);
      expect(seen(project)).toEqual({
        ...before,
        condition: writes === 0 ? "whole" : "undone",
      });
      const enabled = !before.features["B"];
      await setOverride(path, "B", enabled, { env, ...clock });
      expect(seen(project)).toMatchObject({
        condition: "whole",
        features: { A: true, B: enabled },
      });
    }
  });

  test("while it creates a segment leaves none", async () => {
    using project = liveProject();
    const { path, env } = project;
    const writeAt = stopAfter(0, 1000);
    const stopped = publish(path, { env, ...clock, writeAt }).catch((error: unknown) => error);
    expect(await stopped).toBeInstanceOf(Stopped);
    expect(existsSync(project.segment)).toBeFalse();
    writeFileSync(`${project.segment}.new`, "left by a killed writer");
    await publish(path, { env, ...clock });
    expect(seen(project).condition).toBe("whole");
  });

  test("in its second change leaves the state of its first", async () => {
    using project = liveProject();
    await publish(project.path, { env: project.env });
    const { state } = Segment.open(project.segment).recovered;
    if (state === undefined) throw new Error("no segment");
    const change = (...names: string[]) => ({
      ...state,
      overrides: names.map((name) => ({ name, enabled: true, endMs: 0 })),
    });
    for (const remake of [false, true]) {
      if (remake) rmSync(project.segment);
      const segment = Segment.open(project.segment);
      segment.commit(change("A"));
      expect(() => segment.commit(change("A", "B"), stopAfter(2, 0))).toThrow(Stopped);
      segment.close();
      expect(seen(project)).toMatchObject({
        condition: "undone",
        features: { A: true, B: false },
      });
    }
  });
});

test("two projects share nothing", async () => {
  using one = liveProject();
  using two = liveProject();
  const env = { IMMUCONFIG_RUNTIME_DIR: join(one.folder, "runtime") };
  await publish(two.path, { env, ...clock });
  await setOverride(one.path, "A", true, { env, ...clock });
  expect(liveStatus(one.path, env, clock).state.features).toMatchObject({ A: true });
  expect(liveStatus(two.path, env, clock).state.features).toMatchObject({ A: false });
  expect(liveStatus(one.path, env, clock).segment).not.toBe(
    liveStatus(two.path, env, clock).segment,
  );
});

describe("a set of overrides", () => {
  test("takes the place of an earlier one at once, and leaves those of others", async () => {
    using project = liveProject();
    const { path, env } = project;
    const options = { env, ...clock };
    await setOverride(path, "DEBUG", true, options);
    const first = [
      { name: "A", enabled: true },
      { name: "B", enabled: true, forMs: 1000 },
      { name: "constructor", enabled: true },
    ];
    expect(await replaceOverrides(path, first, [], options)).toEqual({
      applied: ["A", "B"],
      refused: ["constructor"],
    });
    expect(seen(project).overrides).toEqual([
      { name: "A", enabled: true, endMs: null },
      { name: "B", enabled: true, endMs: NOW + 1000 },
      { name: "DEBUG", enabled: true, endMs: null },
    ]);
    const second = [{ name: "A", enabled: true }];
    await replaceOverrides(path, second, ["A", "B", "constructor"], options);
    expect(seen(project)).toMatchObject({ features: { A: true, B: false, DEBUG: true } });
    await replaceOverrides(path, [], ["A"], options);
    expect(seen(project).overrides).toEqual([{ name: "DEBUG", enabled: true, endMs: null }]);
  });

  test("switches nothing on that is frozen off, nor more than a segment holds", async () => {
    using project = liveProject();
    const { path, env } = project;
    const options = { env, ...clock };
    const many = Array.from({ length: LIVE_OVERRIDE_COUNT_MAX + 1 }, (_, i) => `F${i}`);
    const full = many.reduce((file, name) => defineFlag(name)(file), threeFlags());
    writeFileSync(path, encodeFile(full));
    const wanted = many.map((name) => ({ name, enabled: true }));
    expect(await codeOf(replaceOverrides(path, wanted, [], options))).toBe("ERR_VALUE");
    writeFileSync(path, encodeFile(setFrozen(true)(threeFlags())));
    expect(await replaceOverrides(path, [{ name: "A", enabled: true }], [], options)).toEqual({
      applied: [],
      refused: ["A"],
    });
    expect(seen(project)).toMatchObject({ features: { A: false }, overrides: [] });
  });
});

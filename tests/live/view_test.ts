import { afterEach, describe, expect, test } from "bun:test";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { switchFlags } from "../../src/format/edit/switch_flags.ts";
import { encodeFile } from "../../src/format/file.ts";
import { liveStatus } from "../../src/live/status.ts";
import type { LiveView } from "../../src/live/view_types.ts";
import { openLive } from "../../src/live/view.ts";
import { publishIfLive } from "../../src/live/publish_if_live.ts";
import { publish, setOverride, unsetOverride } from "../../src/live/writer.ts";
import { updateFile } from "../../src/store/update.ts";
import { verifiedReader } from "../../src/trust/verified.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { isLinux } from "../support/tools.ts";
import { type LiveProject, liveProject, threeFlags } from "./support.ts";

const views: LiveView[] = [];
afterEach(() => {
  for (const view of views.splice(0)) view.close();
});

/** A clock that stands still until it is moved. */
class Clock {
  ms = 1_800_000_000_000;
  readonly now = (): number => this.ms;
  readonly uptime = (): number => this.ms;
}

async function open(
  project: LiveProject,
  mode: "mapped" | "polled" = "mapped",
  clock = new Clock(),
): Promise<LiveView> {
  const view = await openLive(project.path, {
    env: project.env,
    mode,
    now: clock.now,
    uptime: clock.uptime,
  });
  views.push(view);
  return view;
}

function flagsOf(view: LiveView): Record<string, boolean> {
  return { ...view.features };
}

test("the native library maps segments here", async () => {
  using project = liveProject();
  expect(await open(project)).toMatchObject({ mode: "mapped" });
  expect(await open(project, "polled")).toMatchObject({ mode: "polled" });
});

for (const mode of ["mapped", "polled"] as const) {
  describe(`a ${mode} view`, () => {
    test("adds nothing to a record that was frozen without bun-config", async () => {
      using project = liveProject();
      const { path, env } = project;
      const clock = new Clock();
      const { now, uptime } = clock;
      await setOverride(path, "A", true, { env, now, uptime });
      await setOverride(path, "B", false, { env, now, uptime });
      const view = await open(project, mode, clock);
      expect(flagsOf(view)).toEqual({ A: true, B: false, DEBUG: false });
      writeFileSync(
        `${path}.new`,
        encodeFile({ ...switchFlags(["B"], true)(threeFlags()), frozen: true }),
      );
      renameSync(`${path}.new`, path);
      const frozen = {
        features: { A: false, B: false, DEBUG: false },
        overrides: [{ name: "B", enabled: false, endMs: null }],
      };
      expect(view.snapshot()).toMatchObject(frozen);
      expect(flagsOf(view)).toEqual(frozen.features);
      expect(liveStatus(path, env, { now, uptime }).state).toMatchObject(frozen);
    });

    test("sees overrides come, change and go", async () => {
      using project = liveProject();
      const { path, env } = project;
      const clock = new Clock();
      const { now, uptime } = clock;
      const view = await open(project, mode, clock);
      expect(flagsOf(view)).toEqual({ A: false, B: false, DEBUG: false });
      for (const enabled of [true, false, true]) {
        await setOverride(path, "A", enabled, { env, now, uptime });
        clock.ms++;
        expect(flagsOf(view)).toEqual({ A: enabled, B: false, DEBUG: false });
      }
      expect(view.pin().overrides).toEqual([{ name: "A", enabled: true, endMs: null }]);
      await unsetOverride(path, "A", { env, now, uptime });
      clock.ms++;
      expect(view.features["A"]).toBeFalse();
      expect(view.pin().overrides).toEqual([]);
    });

    test("ends an override at its time, without a writer", async () => {
      using project = liveProject();
      const { path, env } = project;
      const clock = new Clock();
      const view = await open(project, mode, clock);
      await setOverride(path, "DEBUG", true, {
        env,
        now: clock.now,
        uptime: clock.uptime,
        forMs: 60_000,
      });
      clock.ms += 59_999;
      expect(view.features["DEBUG"]).toBeTrue();
      expect(view.pin().overrides).toHaveLength(1);
      clock.ms++;
      expect(view.features["DEBUG"]).toBeFalse();
      expect(view.pin().overrides).toEqual([]);
    });

    test("follows the file: a durable change, a rename over it, a new flag", async () => {
      using project = liveProject();
      const { path, env } = project;
      const view = await open(project, mode);
      await setOverride(path, "A", true, { env });
      await updateFile(path, switchFlags(["B"], true), { read: verifiedReader(env) });
      expect(view.snapshot()).toMatchObject({ generation: 2, features: { A: true, B: true } });
      expect(view.generation).toBe(2);

      const other = defineFlag("NEW", { bit: 9 })({ ...threeFlags(), generation: 40 });
      writeFileSync(`${path}.checkout`, encodeFile(switchFlags(["NEW"], true)(other)));
      renameSync(`${path}.checkout`, path);
      expect(view.features["NEW"]).toBeUndefined();
      expect(view.snapshot()).toMatchObject({ generation: 40 });
      expect(flagsOf(view)).toEqual({ A: true, B: false, DEBUG: false, NEW: true });
      writeFileSync(path, encodeFile({ ...threeFlags(), generation: 41 }));
      view.snapshot();
      expect(Object.keys(view.features).toSorted()).toEqual(["A", "B", "DEBUG"]);
    });

    test("keeps what it knew when the file breaks, and says why", async () => {
      using project = liveProject();
      const { path } = project;
      const view = await open(project, mode);
      await updateFile(path, switchFlags(["B"], true), { read: verifiedReader(project.env) });
      view.snapshot();
      expect(view.problem).toBeUndefined();
      for (const [spoil, code] of [
        [() => writeFileSync(path, "not a configuration"), "ERR_FORMAT"],
        [() => rmSync(path), "ERR_NOT_FOUND"],
      ] as const) {
        spoil();
        expect(view.snapshot()).toMatchObject({ generation: 2, features: { B: true } });
        expect(view.problem?.code).toBe(code);
      }
      writeFileSync(path, encodeFile({ ...threeFlags(), generation: 3 }));
      expect(view.snapshot()).toMatchObject({ generation: 3, features: { B: false } });
      await publish(path, { env: project.env });
      // The first look finds that all is well, and the next one forgets what was not.
      view.snapshot();
      view.snapshot();
      expect(view.problem).toBeUndefined();
    });

    test("cannot be written to", async () => {
      using project = liveProject();
      const view = await open(project, mode);
      const features = view.features as Record<string, boolean>;
      expect(() => {
        features["A"] = true;
      }).toThrow(TypeError);
      expect(Object.isFrozen(view.pin().features)).toBeTrue();
      expect(view.features["A"]).toBeFalse();
    });

    test("keeps the last values when it is closed", async () => {
      using project = liveProject();
      const { path, env } = project;
      const view = await open(project, mode);
      await setOverride(path, "A", true, { env });
      view.snapshot();
      view.close();
      await unsetOverride(path, "A", { env });
      expect(view.features["A"]).toBeTrue();
      expect(view.snapshot().features["A"]).toBeTrue();
      expect(view.pin().features["A"]).toBeTrue();
      view.close();
    });
  });
}

test("a view outlives the folder of its project, and says what is gone", async () => {
  using project = liveProject();
  const view = await open(project);
  rmSync(project.folder, { recursive: true });
  expect(view.snapshot().features).toEqual({ A: false, B: false, DEBUG: false });
  expect(view.problem?.code).toBe("ERR_NOT_FOUND");
  expect(flagsOf(view)).toEqual({ A: false, B: false, DEBUG: false });
});

test("without a place for the segment, a view serves the file and says why", async () => {
  using project = liveProject();
  const env = { IMMUCONFIG_RUNTIME_DIR: `${project.path}/runtime` };
  const view = await openLive(project.path, { env });
  views.push(view);
  expect(view.mode).toBe("polled");
  expect(view.problem?.code).toBe("ERR_WRITE");
  expect(flagsOf(view)).toEqual({ A: false, B: false, DEBUG: false });
  expect(view.snapshot().features).toEqual({ A: false, B: false, DEBUG: false });
});

test.skipIf(!isLinux)("closed views and writers leave no descriptor open", async () => {
  using project = liveProject();
  const { path, env } = project;
  (await open(project)).close();
  const before = openDescriptors();
  for (let times = 0; times < 10; times++) {
    for (const mode of ["mapped", "polled"] as const) (await open(project, mode)).close();
    await setOverride(path, "A", times % 2 === 0, { env });
    await publishIfLive(path, { env });
    liveStatus(path, env);
    // Not a segment: whoever opens it closes it again.
    writeFileSync(project.segment, "");
    liveStatus(path, env);
  }
  expect(openDescriptors()).toBeLessThan(before + 10);
});

test("a pin is one object, and stays what it was", async () => {
  using project = liveProject();
  const { path, env } = project;
  const view = await open(project);
  const pin = view.pin();
  expect(view.pin()).toBe(pin);
  await setOverride(path, "A", true, { env });
  expect(pin.features).toEqual({ A: false, B: false, DEBUG: false });
  expect(view.pin().features).toEqual({ A: true, B: false, DEBUG: false });
});

describe("changes", () => {
  test("come one after the other, with the flags that differ", async () => {
    using project = liveProject();
    const { path, env } = project;
    const view = await open(project);
    await setOverride(path, "B", true, { env });
    const changes = view.changes({ intervalMs: 1 });
    const first = changes.next();
    await setOverride(path, "A", true, { env });
    expect((await first).value).toMatchObject({
      flipped: ["A"],
      before: { features: { A: false, B: true } },
      after: { features: { A: true, B: true } },
    });
    const second = changes.next();
    await unsetOverride(path, "A", { env });
    await unsetOverride(path, "B", { env });
    expect((await second).value?.flipped).toContain("A");
    await changes.return();
  });

  test("end when the signal is aborted", async () => {
    using project = liveProject();
    const view = await open(project);
    const controller = new AbortController();
    const seen: string[][] = [];
    const loop = (async () => {
      for await (const { flipped } of view.changes({ signal: controller.signal, intervalMs: 1 })) {
        seen.push([...flipped]);
        controller.abort();
      }
    })();
    await setOverride(project.path, "A", true, { env: project.env });
    await loop;
    expect(seen).toEqual([["A"]]);
    for await (const _ of view.changes({ signal: AbortSignal.abort() })) expect.unreachable();

    const waiting = new AbortController();
    const next = view.changes({ signal: waiting.signal, intervalMs: 2 ** 30 }).next();
    waiting.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test("end when the view is closed, also before they begin", async () => {
    using project = liveProject();
    const view = await open(project);
    const { signal } = new AbortController();
    const next = view.changes({ signal, intervalMs: 2 ** 30 }).next();
    view.close();
    expect(await next).toEqual({ done: true, value: undefined });
    for await (const _ of view.changes()) expect.unreachable();
  });
});

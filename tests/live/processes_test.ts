import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { SEGMENT_SIZE, SLOT } from "../../src/live/segment.ts";
import { liveStatus } from "../../src/live/status.ts";
import { publish, setOverride } from "../../src/live/writer.ts";
import { type LiveProject, liveProject, runChild, startChild } from "./support.ts";

test("a loop that only reads a flag sees another process flip it", async () => {
  using project = liveProject();
  await publish(project.path, { env: project.env });
  const { firstLine, done } = startChild("spin.ts", [], project);
  await firstLine;
  // Long enough for the compiler to have taken the loop over.
  await Bun.sleep(200);
  await setOverride(project.path, "A", true, { env: project.env });
  const result = await done;
  expect(result).toMatchObject({ status: 0, stdout: "spinning\nsaw it\n", stderr: "" });
});

test("a million reads by four readers see no torn state, whenever writers are killed", async () => {
  using project = liveProject();
  await publish(project.path, { env: project.env });
  const reads = 250_000;
  const children = Array.from({ length: 4 }, () =>
    startChild("read_pairs.ts", [String(reads)], project),
  );
  await Promise.all(children.map(({ firstLine }) => firstLine));
  const kills = [
    [60, 0], // before the sequence is made odd
    [301, 0], // before the slot
    [601, 100], // in the middle of the slot
    [901, SLOT.SIZE], // after the slot
    [1202, 0], // before the switch
  ] as const;
  for (const [write, byte] of kills) {
    const writer = await runChild("flip_pairs.ts", [project.path, `${write}`, `${byte}`], project);
    expect(writer.signal).toBe("SIGKILL");
    const { condition, state } = liveStatus(project.path, project.env);
    expect(condition).toBe(write % 3 === 0 ? "whole" : "undone");
    expect(state.features["A"]).toBe(state.features["B"]);
  }
  await setOverride(project.path, "DEBUG", true, { env: project.env });
  for (const { status, stdout, stderr } of await Promise.all(children.map(({ done }) => done))) {
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const seen = JSON.parse(stdout.split("\n")[1] ?? "");
    expect(seen).toMatchObject({ torn: 0, mode: "mapped" });
    expect(seen.reads).toBeGreaterThanOrEqual(reads);
    expect(seen.states).toBeGreaterThan(kills.length);
  }
}, 30_000);

describe("a reader outlives its segment", () => {
  interface Report {
    readonly on: number;
    readonly pinned: boolean;
    readonly mode: string;
  }

  async function outlive(project: LiveProject, harm: () => void): Promise<Report[]> {
    await setOverride(project.path, "A", true, { env: project.env });
    const { child, firstLine, done } = startChild("outlive.ts", [], project);
    await firstLine;
    harm();
    await child.stdin.write("reads\nfiles\n");
    await child.stdin.end();
    const { status, signal, stdout, stderr } = await done;
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: "" });
    return stdout
      .trim()
      .split("\n")
      .map((line): Report => JSON.parse(line));
  }

  const harms: Readonly<Record<string, (project: LiveProject) => void>> = {
    "truncated to nothing": ({ segment }) => truncateSync(segment, 0),
    "truncated in the middle": ({ segment }) => truncateSync(segment, 100),
    "overwritten with other bytes": ({ segment }) =>
      writeFileSync(segment, Buffer.alloc(SEGMENT_SIZE, 7)),
    removed: ({ segment }) => rmSync(segment),
    "replaced by another file": ({ folder, segment }) => {
      writeFileSync(`${folder}/other`, Buffer.alloc(SEGMENT_SIZE, "A"), { mode: 0o600 });
      renameSync(`${folder}/other`, segment);
    },
    "replaced by a link to a copy": ({ folder, segment }) => {
      copyFileSync(segment, `${folder}/copy`);
      rmSync(segment);
      symlinkSync(`${folder}/copy`, segment);
    },
    "readable by all": ({ segment }) => chmodSync(segment, 0o644),
    "removed with its folder": ({ runtime }) => rmSync(runtime, { recursive: true }),
  };

  for (const [name, harm] of Object.entries(harms)) {
    test(`that is ${name}, and keeps the last whole state`, async () => {
      using project = liveProject();
      for (const report of await outlive(project, () => harm(project))) {
        expect(report).toMatchObject({ on: 200_000, pinned: true });
      }
      // The next writer makes it good.
      await setOverride(project.path, "B", true, { env: project.env });
      expect(liveStatus(project.path, project.env)).toMatchObject({
        condition: "whole",
        state: { features: { B: true } },
      });
    });
  }
});

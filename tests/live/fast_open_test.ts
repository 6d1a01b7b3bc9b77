import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { hexBytes } from "../../src/format/bytes.ts";
import { findPlace, segmentName } from "../../src/live/place.ts";
import { fileIdentity } from "../../src/live/record.ts";
import { SEGMENT_SIZE } from "../../src/live/segment.ts";
import { setOverride } from "../../src/live/writer.ts";
import { loadAddon } from "../../src/native/addon.ts";
import { loadRecord } from "../../src/runtime/loaded_record.ts";
import { hasAllCores, LIBRARY_PATH } from "../support/native_cores.ts";
import { buildPackage } from "../support/project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { isLinux } from "../support/tools.ts";
import { type LiveProject, liveProject, threeFlags } from "./support.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

beforeAll(buildPackage);

/** Prints which way the import took, and what it saw before and after a turn of the event loop. */
const PROGRAM = `import { live } from "immuconfig/live";
  const say = () => JSON.stringify([live.mode, live.generation, { ...live.features }, live.pin().overrides]);
  const first = say();
  await Bun.sleep(Number(process.argv[2] ?? 0));
  const { firstLive } = globalThis[Symbol.for("immuconfig.process")];
  console.log(JSON.stringify({ firstLive, first: JSON.parse(first), later: JSON.parse(say()) }));
  live.close();`;

function installed(project: LiveProject): void {
  mkdirSync(join(project.folder, "node_modules"));
  symlinkSync(REPOSITORY, join(project.folder, "node_modules", "immuconfig"));
  writeFileSync(join(project.folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(project.folder, "program.ts"), PROGRAM);
}

async function look(project: LiveProject, ...command: string[]): Promise<unknown> {
  const { stdout, stderr, exitCode } = await run([BUN, ...command], {
    cwd: project.folder,
    env: project.env,
  });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return JSON.parse(stdout);
}

describe.skipIf(!isLinux || !hasAllCores)("the first look of the native library", () => {
  test("is what an import takes where the segment has the record, and agrees with the other way", async () => {
    using project = liveProject();
    installed(project);
    // The first import makes the segment.
    expect(await look(project, "program.ts")).toMatchObject({ firstLive: "store" });
    await setOverride(project.path, "A", true, { env: project.env });
    const state = ["mapped", 1, { A: true, B: false, DEBUG: false }];
    const overrides = [{ name: "A", enabled: true, endMs: null }];
    const same = { first: [...state, overrides], later: [...state, overrides] };
    expect(await look(project, "program.ts")).toEqual({ firstLive: "native", ...same });
    // The timer's look loads the rest, and finds the same.
    expect(await look(project, "program.ts", "400")).toEqual({ firstLive: "native", ...same });
    const polled = await look(project, "--no-addons", "program.ts");
    expect(polled).toMatchObject({
      firstLive: "store",
      first: ["polled", ...state.slice(1), overrides],
    });
  });

  test("heeds the end of an override, and the file that is replaced", async () => {
    using project = liveProject();
    installed(project);
    await setOverride(project.path, "A", true, { env: project.env, forMs: 3_600_000 });
    expect(await look(project, "program.ts")).toMatchObject({
      firstLive: "native",
      first: ["mapped", 1, { A: true }, [{ name: "A", endMs: expect.any(Number) }]],
    });
    writeFileSync(`${project.path}.new`, encodeFile({ ...threeFlags(), generation: 5 }));
    renameSync(`${project.path}.new`, project.path);
    // The segment has not heard of it, so the other way is taken, which tells it.
    expect(await look(project, "program.ts")).toMatchObject({
      firstLive: "store",
      first: ["mapped", 5, { A: true }, [{ name: "A" }]],
    });
    expect(await look(project, "program.ts")).toMatchObject({ firstLive: "native" });
  });

  test("says of file and segment what TypeScript says", async () => {
    using project = liveProject();
    const { path, folder, runtime, env } = project;
    const addon = loadAddon(LIBRARY_PATH);
    const request = { env: {}, isOwn: 0, cwd: folder, folder: runtime } as const;
    expect(addon.live(request)).toBeUndefined();
    await setOverride(path, "A", true, { env });
    const { descriptor, ...said } = JSON.parse(addon.live(request) ?? "null");
    closeSync(descriptor);
    expect(said).toEqual({
      loaded: loadRecord({ cwd: folder, env: { IMMUCONFIG_PIN: "off" } }),
      identity: hexBytes(fileIdentity(path) ?? new Uint8Array()),
      segment: segmentName(path),
    });
    expect(findPlace(path, env)?.segment).toBe(join(runtime, said.segment));
    for (const elsewhere of ["", "relative", `${runtime}-missing`, path]) {
      const other = addon.live({ ...request, folder: elsewhere });
      expect([elsewhere, other]).toEqual([elsewhere, undefined]);
    }
  });

  test("believes no folder and no file that others could have changed", async () => {
    using project = liveProject();
    const { path, folder, runtime, segment, env } = project;
    const addon = loadAddon(LIBRARY_PATH);
    await setOverride(path, "A", true, { env });
    const isBelieved = (): boolean => {
      const text = addon.live({ env: {}, isOwn: 0, cwd: folder, folder: runtime });
      if (text !== undefined) closeSync(JSON.parse(text).descriptor);
      return text !== undefined;
    };
    expect(isBelieved()).toBeTrue();
    chmodSync(runtime, 0o750);
    expect(isBelieved()).toBeFalse();
    chmodSync(runtime, 0o700);
    chmodSync(segment, 0o640);
    expect(isBelieved()).toBeFalse();
    chmodSync(segment, 0o600);
    expect(isBelieved()).toBeTrue();
    renameSync(segment, `${segment}.real`);
    symlinkSync(`${segment}.real`, segment);
    expect(isBelieved()).toBeFalse();
    renameSync(`${segment}.real`, segment);
    truncateSync(segment, 4096);
    expect(isBelieved()).toBeFalse();
    truncateSync(segment, SEGMENT_SIZE);
    if (process.getuid?.() !== 0) return;
    chownSync(segment, 65_534, 65_534);
    expect(isBelieved()).toBeFalse();
    chownSync(segment, 0, 0);
    chownSync(runtime, 65_534, 65_534);
    expect(isBelieved()).toBeFalse();
  });
});

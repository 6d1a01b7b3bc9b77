import { expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { runtimeFolder } from "../../src/live/segment_path.ts";
import { liveStatus } from "../../src/live/status.ts";
import { openLive } from "../../src/live/view.ts";
import { publish, publishIfLive, setOverride } from "../../src/live/writer.ts";
import { rejectionOf } from "../support/errors.ts";
import { liveProject } from "./support.ts";

const now = Date.now;
const isRoot = process.getuid?.() === 0;

test("the folder is the session's, else one in the temporary folder with the user's number", () => {
  const folder = mkdtempSync(join(tmpdir(), "immuconfig-session-"));
  const fallback = join(tmpdir(), `immuconfig-${process.getuid?.()}`);
  expect(runtimeFolder({ XDG_RUNTIME_DIR: folder })).toBe(join(folder, "immuconfig"));
  expect(runtimeFolder({ XDG_RUNTIME_DIR: folder, IMMUCONFIG_RUNTIME_DIR: "/x" })).toBe("/x");
  symlinkSync("circle", join(folder, "circle"));
  expect(runtimeFolder({ XDG_RUNTIME_DIR: join(folder, "circle") })).toBe(fallback);
  rmSync(folder, { recursive: true });
  expect(runtimeFolder({ XDG_RUNTIME_DIR: folder })).toBe(fallback);
  expect(runtimeFolder({ XDG_RUNTIME_DIR: "relative" })).toBe(fallback);
  expect(runtimeFolder({})).toBe(fallback);
});

test("folder and segment are the user's alone", async () => {
  using project = liveProject();
  await publish(project.path, { env: project.env, now });
  expect(lstatSync(project.runtime).mode & 0o777).toBe(0o700);
  expect(lstatSync(project.segment).mode & 0o777).toBe(0o600);
  expect(lstatSync(project.segment).size).toBe(4096);
});

const faults: Readonly<Record<string, (folder: string) => void>> = {
  "a folder that others may open": (folder) => {
    mkdirSync(folder);
    chmodSync(folder, 0o755);
  },
  "a link to a folder": (folder) => {
    mkdirSync(`${folder}-elsewhere`, { mode: 0o700 });
    symlinkSync(`${folder}-elsewhere`, folder);
  },
  "a file": (folder) => writeFileSync(folder, ""),
  ...(isRoot
    ? {
        "another user's folder": (folder: string) => {
          mkdirSync(folder, { mode: 0o700 });
          chownSync(folder, 65_534, 65_534);
        },
      }
    : {}),
};

for (const [name, make] of Object.entries(faults)) {
  test(`${name} is refused`, async () => {
    using project = liveProject();
    const { path, env, runtime } = project;
    make(runtime);
    for (const work of [
      () => publish(path, { env, now }),
      () => setOverride(path, "A", true, { env, now }),
      () => openLive(path, { env }),
    ]) {
      const error: unknown = await work().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ImmuconfigError);
      expect(error).toMatchObject({ code: "ERR_LIVE" });
      expect(String(error)).toContain(runtime);
    }
  });
}

test("a folder that cannot be looked at is refused", async () => {
  using project = liveProject();
  symlinkSync("circle", join(project.folder, "circle"));
  const env = { IMMUCONFIG_RUNTIME_DIR: join(project.folder, "circle", "runtime") };
  const looks = [
    () => openLive(project.path, { env }),
    async () => liveStatus(project.path, env, now()),
    () => publishIfLive(project.path, { env, now }),
  ];
  for (const look of looks) {
    expect(await rejectionOf(look())).toMatchObject({
      code: "ERR_LIVE",
      hint: expect.stringContaining("IMMUCONFIG_RUNTIME_DIR"),
    });
  }
});

/** What may stand at the segment's path, made from the segment that was there. */
const impostors: Readonly<Record<string, (segment: string) => void>> = {
  "a file that others may read": (segment) => chmodSync(segment, 0o644),
  "a file of another size": (segment) => truncateSync(segment, 4095),
  "a link": (segment) => {
    renameSync(segment, `${segment}.real`);
    symlinkSync(`${segment}.real`, segment);
  },
  "a folder": (segment) => {
    rmSync(segment);
    mkdirSync(segment);
  },
  ...(isRoot
    ? { "another user's file": (segment: string) => chownSync(segment, 65_534, 65_534) }
    : {}),
};

for (const [name, put] of Object.entries(impostors)) {
  test(`${name} is not believed, and the next writer ${name === "a folder" ? "fails" : "replaces it"}`, async () => {
    using project = liveProject();
    const { path, env, segment } = project;
    await setOverride(path, "A", true, { env, now });
    put(segment);
    expect(liveStatus(path, env, now())).toMatchObject({
      condition: "missing",
      state: { features: { A: false }, overrides: [] },
    });
    expect(await publishIfLive(path, { env, now })).toBeFalse();
    if (name === "a folder") return;
    await setOverride(path, "B", true, { env, now });
    expect(lstatSync(segment).isFile()).toBeTrue();
    expect(lstatSync(segment)).toMatchObject({ size: 4096, uid: process.getuid?.() });
    expect(lstatSync(segment).mode & 0o777).toBe(0o600);
    expect(liveStatus(path, env, now())).toMatchObject({
      condition: "whole",
      state: { features: { A: false, B: true } },
    });
  });
}

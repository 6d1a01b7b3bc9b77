import { expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { runtimeFolder } from "../../src/live/runtime_folder.ts";
import { SEGMENT_SIZE } from "../../src/live/segment.ts";
import { liveStatus } from "../../src/live/status.ts";
import { openLive } from "../../src/live/view.ts";
import { publishIfLive } from "../../src/live/publish_if_live.ts";
import { publish, setOverride } from "../../src/live/writer.ts";
import { switchFlags } from "../../src/format/edit/switch_flags.ts";
import { updateFile } from "../../src/store/update.ts";
import { verifiedReader } from "../../src/trust/verified.ts";
import { rejectionOf } from "../support/errors.ts";
import { liveProject } from "./support.ts";

const isRoot = process.getuid?.() === 0;

test("the folder is the host's shared memory's, whatever session or temporary folder there is", () => {
  const own = `/dev/shm/immuconfig-${process.getuid?.()}`;
  expect(runtimeFolder({})).toBe(own);
  expect(runtimeFolder({ XDG_RUNTIME_DIR: "/run/user/7", TMPDIR: "/elsewhere" })).toBe(own);
  expect(runtimeFolder({ IMMUCONFIG_RUNTIME_DIR: "/x" })).toBe("/x");
  expect(runtimeFolder({ IMMUCONFIG_RUNTIME_DIR: "relative" })).toBe(own);
  expect(runtimeFolder({}, "/tmp")).toBe(`/tmp/immuconfig-${process.getuid?.()}`);
});

test("folder and segment are the user's alone", async () => {
  using project = liveProject();
  await publish(project.path, { env: project.env });
  expect(lstatSync(project.runtime).mode & 0o777).toBe(0o700);
  expect(lstatSync(project.segment).mode & 0o777).toBe(0o600);
  expect(lstatSync(project.segment).size).toBe(SEGMENT_SIZE);
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
  test(`${name} is refused by writers, and readers follow the file and say why`, async () => {
    using project = liveProject();
    const { path, env, runtime } = project;
    make(runtime);
    for (const work of [
      () => publish(path, { env }),
      () => setOverride(path, "A", true, { env }),
    ]) {
      const error: unknown = await work().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ImmuconfigError);
      expect(error).toMatchObject({ code: "ERR_LIVE" });
      expect(String(error)).toContain(runtime);
    }
    const view = await openLive(path, { env });
    expect(view).toMatchObject({ mode: "polled", problem: { code: "ERR_LIVE" } });
    expect(view.problem?.message).toContain(runtime);
    await updateFile(path, switchFlags(["A"], true), { read: verifiedReader(env) });
    expect(view.snapshot().features).toMatchObject({ A: true });
    expect(view.problem).toMatchObject({ code: "ERR_LIVE" });
    rmSync(runtime, { recursive: true });
    await publish(path, { env });
    view.snapshot();
    expect(view.snapshot().features).toMatchObject({ A: true });
    expect(view).toMatchObject({ mode: "mapped", problem: undefined });
    view.close();
  });
}

/** What takes the place of the folder under an open view. */
const replacements: Readonly<Record<string, (runtime: string) => void>> = {
  "a link in a circle": (runtime) => symlinkSync(runtime, runtime),
  "a file": (runtime) => writeFileSync(runtime, ""),
};

for (const [name, put] of Object.entries(replacements)) {
  test(`${name} in the folder's place stops no program, and a view says why`, async () => {
    using project = liveProject();
    const { path, env, runtime } = project;
    const view = await openLive(path, { env });
    expect(view.mode).toBe("mapped");
    renameSync(runtime, `${runtime}.old`);
    put(runtime);
    expect(view.snapshot().features).toMatchObject({ A: false });
    expect(view).toMatchObject({ mode: "polled", problem: { code: "ERR_LIVE" } });
    rmSync(runtime);
    renameSync(`${runtime}.old`, runtime);
    // The first look opens the segment again, the next one finds nothing wrong.
    view.snapshot();
    view.snapshot();
    expect(view).toMatchObject({ mode: "mapped", problem: undefined });
    view.close();
  });
}

test("a segment that cannot be created is an error with its path", async () => {
  using project = liveProject();
  const { path, env } = project;
  await publish(path, { env });
  const segment = liveStatus(path, env).segment ?? "";
  rmSync(segment);
  mkdirSync(join(segment, "in the way"), { recursive: true });
  const error = await rejectionOf(publish(path, { env }));
  expect(error).toMatchObject({ code: "ERR_LIVE" });
  expect(String(error)).toContain(`cannot create the live segment ${segment}: `);
});

test("a folder that cannot be looked at is refused", async () => {
  using project = liveProject();
  symlinkSync("circle", join(project.folder, "circle"));
  const env = { IMMUCONFIG_RUNTIME_DIR: join(project.folder, "circle", "runtime") };
  const looks = [
    async () => liveStatus(project.path, env),
    () => publishIfLive(project.path, { env }),
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
  "a file of another size": (segment) => truncateSync(segment, SEGMENT_SIZE - 1),
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
    await setOverride(path, "A", true, { env });
    put(segment);
    expect(liveStatus(path, env)).toMatchObject({
      condition: "missing",
      state: { features: { A: false }, overrides: [] },
    });
    expect(await publishIfLive(path, { env })).toBeFalse();
    if (name === "a folder") return;
    await setOverride(path, "B", true, { env });
    expect(lstatSync(segment).isFile()).toBeTrue();
    expect(lstatSync(segment)).toMatchObject({ size: SEGMENT_SIZE, uid: process.getuid?.() });
    expect(lstatSync(segment).mode & 0o777).toBe(0o600);
    expect(liveStatus(path, env)).toMatchObject({
      condition: "whole",
      state: { features: { A: false, B: true } },
    });
  });
}

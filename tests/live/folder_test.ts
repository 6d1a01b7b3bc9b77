import { expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImmuconfigError } from "../../src/errors.ts";
import { runtimeFolder } from "../../src/live/segment_path.ts";
import { openLive } from "../../src/live/view.ts";
import { publish, setOverride } from "../../src/live/writer.ts";
import { liveProject } from "./support.ts";

const now = Date.now;
const isRoot = process.getuid?.() === 0;

test("the folder is the session's, else one in the temporary folder with the user's number", () => {
  const folder = mkdtempSync(join(tmpdir(), "immuconfig-session-"));
  const fallback = join(tmpdir(), `immuconfig-${process.getuid?.()}`);
  expect(runtimeFolder({ XDG_RUNTIME_DIR: folder })).toBe(join(folder, "immuconfig"));
  expect(runtimeFolder({ XDG_RUNTIME_DIR: folder, IMMUCONFIG_RUNTIME_DIR: "/x" })).toBe("/x");
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

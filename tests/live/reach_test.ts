/** A flip reaches every process of the project that it may reach, and says when there is none. */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { encodeFile } from "../../src/format/file.ts";
import { findPlace } from "../../src/live/place.ts";
import { liveStatus } from "../../src/live/status.ts";
import { setOverride } from "../../src/live/writer.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { CLI } from "../support/repository.ts";
import { isLinux, testWith } from "../support/tools.ts";
import { type LiveProject, liveProject } from "./support.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const SERVICE = join(import.meta.dir, "children", "service.ts");
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** Nothing of the environment of whoever runs the tests, but the way to programs. */
const BARE = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" };

interface Service {
  /** What it sees now. */
  ask(): Promise<Record<string, boolean>>;
}

const running: Bun.Subprocess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill("SIGKILL");
    await child.exited;
  }
});

async function start(command: readonly string[], cwd: string, env: object): Promise<Service> {
  const child = Bun.spawn([...command], {
    cwd,
    env: { ...BARE, ...env },
    stdio: ["pipe", "pipe", "inherit"],
    timeout: 50_000,
  });
  running.push(child);
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const next = async (): Promise<Record<string, boolean>> => {
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await lines.read();
      if (done) throw new Error(`the service ended: ${text}`);
      text += value;
    }
    return JSON.parse(text);
  };
  await next();
  return {
    async ask() {
      await child.stdin.write("look\n");
      await child.stdin.flush();
      return next();
    },
  };
}

const service = (project: LiveProject, env: object): Promise<Service> =>
  start([process.execPath, SERVICE], project.folder, { ...env, IMMUCONFIG_FILE: project.path });

async function cli(command: readonly string[], cwd: string, env: object) {
  const child = Bun.spawn([...command], {
    cwd,
    env: { ...BARE, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 50_000,
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { status: await child.exited, stdout, stderr };
}

const live = (project: LiveProject, env: object, ...words: string[]) =>
  cli([process.execPath, CLI, "live", ...words], project.folder, env);

describe.skipIf(!isLinux)("a flip", () => {
  test("reaches a service without a session from a shell with one", async () => {
    using project = liveProject();
    const session = join(project.folder, "session");
    mkdirSync(session, { mode: 0o700 });
    const watched = await service(project, {});
    const shell = { XDG_RUNTIME_DIR: session, TMPDIR: session };
    try {
      const flipped = await live(project, shell, "set", "A", "on");
      expect(flipped).toMatchObject({ status: 0, stderr: "" });
      expect(flipped.stdout).toContain("seen by 1 process");
      expect(await watched.ask()).toMatchObject({ A: true });
      expect(existsSync(join(session, "immuconfig"))).toBeFalse();
      expect((await live(project, shell)).stdout).toContain("readers     1");
    } finally {
      rmSync(findPlace(project.path, {})?.segment ?? "", { force: true });
    }
  });

  test("reaches services with folders of their own, and counts processes", async () => {
    using project = liveProject();
    const elsewhere = { IMMUCONFIG_RUNTIME_DIR: join(project.folder, "elsewhere") };
    const services = [
      await service(project, elsewhere),
      await service(project, elsewhere),
      await service(project, project.env),
    ];
    const flipped = await live(project, project.env, "set", "B", "on", "--json");
    expect(JSON.parse(flipped.stdout)).toMatchObject({ changed: true, readers: 3 });
    for (const each of services) expect(await each.ask()).toMatchObject({ B: true });
    const back = await live(project, project.env, "unset", "B", "--json");
    expect(JSON.parse(back.stdout)).toMatchObject({ changed: true, readers: 3, enabled: false });
    for (const each of services) expect(await each.ask()).toMatchObject({ B: false });
  });

  test("fails where nobody sees it, with nothing changed, unless that is meant", async () => {
    using project = liveProject();
    const { path, env } = project;
    const refused = await live(project, env, "set", "A", "on");
    expect(refused).toMatchObject({ status: 3, stdout: "" });
    expect(refused.stderr).toContain("no process that you may reach reads the live flags");
    expect(refused.stderr).toContain("--even-if-nobody");
    expect(liveStatus(path, env).state.overrides).toEqual([]);
    expect(await live(project, env, "unset", "A")).toMatchObject({ status: 3 });
    const meant = await live(project, env, "set", "A", "on", "--even-if-nobody");
    expect(meant).toMatchObject({ status: 0 });
    expect(meant.stdout).toContain("seen by 0 processes");
    expect(await (await service(project, env)).ask()).toMatchObject({ A: true });
    const reader = running.pop();
    reader?.kill("SIGKILL");
    await reader?.exited;
    // What is there can be taken away, whoever reads it.
    expect(await live(project, env, "unset", "A")).toMatchObject({ status: 0 });
  });

  test("reaches no other project, though its flags have the same names", async () => {
    using one = liveProject();
    using two = liveProject();
    const env = { IMMUCONFIG_RUNTIME_DIR: one.runtime };
    const other = await service(two, env);
    expect(await live(one, env, "set", "A", "on")).toMatchObject({ status: 3 });
    expect(await other.ask()).toMatchObject({ A: false });
  });
});

/** A project that another user may read, with Bun where that user may run it. */
function sharedProject(): LiveProject {
  const project = liveProject();
  chmodSync(project.folder, 0o755);
  return project;
}

describe.skipIf(!isLinux || !isRoot)("among users", () => {
  const asNobody = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];

  testWith("setpriv")("a user who may not reach the service is told so", async () => {
    using project = sharedProject();
    const watched = await service(project, project.env);
    const home = join(project.folder, "home");
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, NOBODY, NOBODY);
    const env = { IMMUCONFIG_RUNTIME_DIR: join(home, "runtime") };
    const words = [...asNobody, process.execPath, CLI, "live", "set", "A", "on"];
    const refused = await cli(words, project.folder, env);
    expect(refused).toMatchObject({ status: 3, stdout: "" });
    expect(refused.stderr).toContain("Run it as the user of the service, or as root");
    expect(await watched.ask()).toMatchObject({ A: false });
  });

  testWith("setpriv")("root reaches the services of all", async () => {
    using project = sharedProject();
    const home = join(project.folder, "home");
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, NOBODY, NOBODY);
    const env = { IMMUCONFIG_RUNTIME_DIR: join(home, "runtime"), IMMUCONFIG_FILE: project.path };
    const watched = await start([...asNobody, process.execPath, SERVICE], project.folder, env);
    const flipped = await live(project, project.env, "set", "A", "on", "--json");
    expect(JSON.parse(flipped.stdout)).toMatchObject({ changed: true, readers: 1 });
    expect(await watched.ask()).toMatchObject({ A: true });
  });
});

/** Runs in mounts of its own, in which a folder lies at `/app` of a scratch folder. */
function contain(folder: string, at: string, ...command: string[]): string[] {
  const script = `mount --bind ${folder} ${at} && cd ${at} && exec "$@"`;
  return ["sh", "-c", script, "sh", ...command];
}

/** Mounts and processes of its own. */
const CONTAINER = ["unshare", "-m", "-p", "-f", "--mount-proc"];

describe.skipIf(!isLinux || !isRoot)("among containers", () => {
  testWith("unshare")("equal paths and one runtime folder are two projects", async () => {
    using project = liveProject();
    const at = join(project.folder, "app");
    mkdirSync(at);
    const make = async (name: string, flag: string, bit: number): Promise<string> => {
      const folder = join(project.folder, name);
      mkdirSync(folder);
      const file = defineFlag(flag, { bit })(defaultFile());
      await Bun.write(join(folder, "bunfig.lockb"), encodeFile(file));
      return folder;
    };
    const a = await make("a", "PAYMENTS_OFF", 5);
    const b = await make("b", "ADMIN_OPEN", 5);
    const run = (folder: string) =>
      start([...CONTAINER, ...contain(folder, at, process.execPath, SERVICE)], project.folder, {
        ...project.env,
        IMMUCONFIG_FILE: join(at, "bunfig.lockb"),
      });
    const services = [await run(a), await run(b)] as const;
    const command = [process.execPath, CLI, "live", "set", "PAYMENTS_OFF", "on", "--json"];
    const flip = ["unshare", "-m", ...contain(a, at, ...command)];
    const flipped = await cli(flip, project.folder, project.env);
    expect(JSON.parse(flipped.stdout)).toMatchObject({ changed: true, readers: 1 });
    expect(await services[0].ask()).toMatchObject({ PAYMENTS_OFF: true });
    expect(await services[1].ask()).toMatchObject({ ADMIN_OPEN: false });
  });

  testWith("unshare")("a project is the same under another path, and in other memory", async () => {
    using project = liveProject();
    const at = join(project.folder, "elsewhere");
    const inner = join(project.folder, "inner");
    const outer = join(project.folder, "outer");
    for (const folder of [at, inner, outer]) mkdirSync(folder, { mode: 0o700 });
    const app = join(project.folder, "project");
    mkdirSync(app);
    copyFileSync(project.path, join(app, "bunfig.lockb"));
    // Its runtime folder is mounted over: outside, that path leads to another folder.
    const mounts = `mount --bind ${app} ${at} && mount -t tmpfs -o mode=700 x ${inner}`;
    const contained = ["unshare", "-m", "sh", "-c", `${mounts} && exec "$@"`, "sh"];
    const watched = await start([...contained, process.execPath, SERVICE], project.folder, {
      IMMUCONFIG_RUNTIME_DIR: inner,
      IMMUCONFIG_FILE: join(at, "bunfig.lockb"),
    });
    const flip = [process.execPath, CLI, "live", "set", "A", "on", "--json"];
    const flipped = await cli(flip, app, { IMMUCONFIG_RUNTIME_DIR: outer });
    expect(flipped.stderr).toBe("");
    expect(JSON.parse(flipped.stdout)).toMatchObject({ changed: true, readers: 1 });
    expect(await watched.ask()).toMatchObject({ A: true });
  });
});

test("an end counts the time that passes, whatever the clock is set to", async () => {
  using project = liveProject();
  const { path, env } = project;
  const day = 86_400_000;
  let shift = day;
  const now = (): number => Date.now() + shift;
  await setOverride(path, "A", true, { env, now, forMs: 600_000 });
  shift = 0;
  const [override] = liveStatus(path, env, { now }).state.overrides;
  expect((override?.endMs ?? 0) - now()).toBeLessThanOrEqual(600_000);
  expect((override?.endMs ?? 0) - now()).toBeGreaterThan(0);
  // A step ahead ends nothing either.
  shift = 601_000;
  expect(liveStatus(path, env, { now }).state.overrides).toHaveLength(1);
});

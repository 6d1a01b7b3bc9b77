import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { openLive } from "../../src/live/view.ts";
import { type LiveProject, liveProject } from "./support.ts";
import { CLI } from "../support/repository.ts";

async function run(project: LiveProject, words: string, env: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, CLI, ...words.split(" ")], {
    cwd: project.folder,
    env: { ...process.env, ...project.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 20_000,
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { status: await child.exited, stdout, stderr };
}

async function json(project: LiveProject, words: string): Promise<unknown> {
  const { stdout } = await run(project, `${words} --json`);
  return JSON.parse(stdout);
}

test("live set flips what running processes see, and not the file", async () => {
  using project = liveProject();
  const bytes = readFileSync(project.path);
  const view = await openLive(project.path, { env: project.env });
  expect(await json(project, "live set A on")).toMatchObject({
    flag: "A",
    enabled: true,
    until: null,
    changed: true,
    durable: false,
  });
  expect(view.features["A"]).toBeTrue();
  expect(readFileSync(project.path)).toEqual(bytes);
  expect(await json(project, "get")).toMatchObject({
    features: { A: false },
    live: { overrides: [{ name: "A", enabled: true, until: null }] },
  });
  expect((await run(project, "get")).stdout).toContain("live        A on");
  expect(await json(project, "live")).toMatchObject({
    condition: "whole",
    published: true,
    features: { A: true },
    overrides: [{ name: "A", enabled: true, until: null }],
  });
  expect(await json(project, "live unset A")).toMatchObject({ enabled: false, changed: true });
  expect(view.features["A"]).toBeFalse();
  view.close();
});

test("--for ends an override", async () => {
  using project = liveProject();
  const before = Date.now();
  const { until } = (await json(project, "live set A on --for 10m --even-if-nobody")) as {
    until: string;
  };
  const end = Date.parse(until);
  expect(end).toBeGreaterThanOrEqual(before + 600_000);
  expect(end).toBeLessThanOrEqual(Date.now() + 600_000);
});

test("durable changes reach a running process", async () => {
  using project = liveProject();
  const view = await openLive(project.path, { env: project.env });
  expect(await run(project, "feature enable B")).toMatchObject({ status: 0, stderr: "" });
  expect(view.features["B"]).toBeTrue();
  expect(view.generation).toBe(2);
  view.close();
});

test("doctor names every override", async () => {
  using project = liveProject();
  const topics = async (): Promise<string[]> => {
    const { checks } = (await json(project, "doctor")) as {
      checks: { topic: string; message: string }[];
    };
    return checks.filter(({ topic }) => topic === "live").map(({ message }) => message);
  };
  expect(await topics()).toEqual(["no process reads live flags"]);
  await run(project, "live set B on --even-if-nobody");
  expect(await topics()).toEqual(["running processes see B on, whatever the file says"]);
});

test("exec --pty has the record's size, and gives the command's exit code", async () => {
  using project = liveProject();
  const size = await run(project, "exec --pty -- stty size");
  expect(size).toEqual({ status: 0, stdout: "24 80\r\n", stderr: "" });
  await run(project, "set terminal.cols 120");
  expect((await run(project, "exec --pty -- stty size")).stdout).toBe("24 120\r\n");
  expect(await run(project, "exec --pty -- false")).toMatchObject({ status: 1 });
  expect(await run(project, "exec --pty -- ./no-such-program")).toMatchObject({ status: 127 });
});

test("live watch prints what changes", async () => {
  using project = liveProject();
  const watch = Bun.spawn([process.execPath, CLI, "live", "watch", "--json"], {
    cwd: project.folder,
    env: { ...process.env, ...project.env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 20_000,
  });
  const messages = watch.stderr.getReader();
  expect(new TextDecoder().decode((await messages.read()).value)).toContain("Watching (mapped)");
  await run(project, "live set DEBUG on");
  const lines = watch.stdout.getReader();
  const line = new TextDecoder().decode((await lines.read()).value);
  expect(JSON.parse(line)).toMatchObject({
    generation: 1,
    flipped: { DEBUG: true },
    overrides: [{ name: "DEBUG", enabled: true }],
  });
  watch.kill();
  await watch.exited;
});

test("what cannot be done ends with the documented exit code", async () => {
  using project = liveProject();
  const cases = [
    ["live set AA on", 3, "Did you mean A?"],
    ["live set A maybe", 2, "expected NAME on|off"],
    ["live set A on --for 10y", 2, "is not a time"],
    ["live set A on --for 400d", 2, "cannot live for"],
    ["live unset", 2, "expected the NAME"],
    ["live flip A", 2, "no action"],
    ["live unset A --for 1s", 2, "--for does not go with live unset"],
  ] as const;
  for (const [words, status, message] of cases) {
    const result = await run(project, words);
    expect(result).toMatchObject({ status, stdout: "" });
    expect(result.stderr).toContain(message);
  }
});

test("a pinned process flips nothing, and a frozen record gains nothing", async () => {
  using project = liveProject();
  const { record } = (await json(project, "get")) as { record: string };
  const pin = { IMMUCONFIG_PIN: `${record}@${project.path}` };
  expect(await run(project, "live set A on", pin)).toMatchObject({ status: 5 });
  expect(await run(project, "live unset A", pin)).toMatchObject({ status: 5 });
  await run(project, "freeze");
  expect(await run(project, "live set A on")).toMatchObject({ status: 5 });
  const off = await run(project, "live set A off --even-if-nobody");
  expect(off).toMatchObject({ status: 0 });
});

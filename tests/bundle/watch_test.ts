/** A build that watches follows the record: each flip, a mistake that it mends, and a moment without it. */

import { beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { buildPackage } from "../support/project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { requireTool, testWith } from "../support/tools.ts";
import { type FlagState, writeFiles, writeRecord } from "./support.ts";

setDefaultTimeout(60_000);
beforeAll(buildPackage);

const temporaryFolder = useTemporaryFolders();
const TOOLS = ["rollup", "rolldown", "vite", "vite-5", "esbuild", "webpack", "rspack"];

/** As the commands write it: another file takes its place. */
function replaceRecord(path: string, flags: Readonly<Record<string, FlagState>>): void {
  const next = `${path}.next`;
  writeRecord(next, flags);
  renameSync(next, path);
}

/** Starts a watch in a folder; `next` waits for a build of a state. */
function startWatch(cwd: string, ...words: readonly string[]) {
  return startWatchWith({}, cwd, ...words);
}

function startWatchWith(
  env: Readonly<Record<string, string>>,
  cwd: string,
  ...words: readonly string[]
) {
  const child = Bun.spawn(
    [requireTool("node"), join(import.meta.dir, "children", "watch_child.mjs"), ...words],
    { cwd, env: { ...process.env, ...env }, stdout: "pipe", stderr: "pipe" },
  );
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let text = "";
  return {
    async next(wanted: string): Promise<void> {
      for (;;) {
        const end = text.indexOf("\n");
        if (end !== -1) {
          const line = text.slice(0, end);
          text = text.slice(end + 1);
          if (line === wanted) return;
          continue;
        }
        const { done, value } = await reader.read();
        if (done) throw new Error(`the watch ended before ${wanted}: ${text}`);
        text += decoder.decode(value, { stream: true });
      }
    },
    /** @returns what it wrote for people */
    async stop(): Promise<string> {
      child.kill("SIGKILL");
      await child.exited;
      return child.stderr.text();
    },
  };
}

/** The record lies above the folder of the bundler. */
function makeProject(flag: string) {
  const root = temporaryFolder();
  const app = join(root, "app");
  writeFiles(app, {
    "app.js": `import { feature } from "bun:bundle";\nconsole.log(feature("${flag}") ? "flag-on" : "flag-off");\n`,
    "package.json": '{"type":"module"}',
  });
  symlinkSync(join(REPOSITORY, "node_modules"), join(app, "node_modules"), "junction");
  return { app, record: join(root, "bunfig.lockb") };
}

describe.each(TOOLS)("%s", (tool) => {
  testWith("node")("sees each flip, and a record that is away for a moment", async () => {
    const { app, record } = makeProject("SKIFF");
    writeRecord(record, { SKIFF: {} });
    const watch = startWatch(app, tool);
    try {
      await watch.next("off");
      for (const enabled of [true, false, true]) {
        replaceRecord(record, { SKIFF: { enabled } });
        await watch.next(enabled ? "on" : "off");
      }
      rmSync(record);
      await watch.next("error");
      replaceRecord(record, { SKIFF: {} });
      await watch.next("off");
    } finally {
      await watch.stop();
    }
  });

  testWith("node")("builds when the record mends what was wrong", async () => {
    const { app, record } = makeProject("LATER");
    writeRecord(record, {});
    const watch = startWatch(app, tool);
    try {
      await watch.next("error");
      replaceRecord(record, { LATER: {} });
      await watch.next("off");
      replaceRecord(record, { LATER: { enabled: true } });
      await watch.next("on");
    } finally {
      await watch.stop();
    }
  });
});

describe("a watch that looks at some files alone", () => {
  testWith("node").each(["rolldown", "vite", "vite-5"])("looks at the record: %s", async (tool) => {
    const { app, record } = makeProject("SKIFF");
    writeRecord(record, { SKIFF: {} });
    const watch = startWatch(app, tool, "app.js");
    try {
      await watch.next("off");
      for (const enabled of [true, false, true]) {
        replaceRecord(record, { SKIFF: { enabled } });
        await watch.next(enabled ? "on" : "off");
      }
    } finally {
      await watch.stop();
    }
  });

  testWith("node")("is told what it misses, where no plugin can add it: rollup", async () => {
    const { app, record } = makeProject("SKIFF");
    writeRecord(record, { SKIFF: {} });
    const watch = startWatch(app, "rollup", "app.js");
    await watch.next("off");
    expect(await watch.stop()).toContain("watch.include leaves the record out");
    const all = startWatch(app, "rollup", "**");
    await all.next("off");
    expect(await all.stop()).not.toContain("watch.include");
  });
});

testWith("node").skipIf(process.platform === "win32")(
  "a watch that is killed leaves nothing for longer than until the next one",
  async () => {
    const { app, record } = makeProject("SKIFF");
    writeRecord(record, { SKIFF: {} });
    const temporary = temporaryFolder();
    const killedWatch = async (): Promise<string[]> => {
      const watch = startWatchWith({ TMPDIR: temporary }, app, "rollup");
      await watch.next("off");
      const folders = readdirSync(temporary).filter((name) => name.startsWith("immuconfig-watch-"));
      await watch.stop();
      return folders;
    };
    const [left = "", ...others] = await killedWatch();
    expect(others).toEqual([]);
    const [, space = ""] = /^immuconfig-watch-(\d+)-\d+-\w+$/.exec(left) ?? [];
    // Of a process that runs, and of one that another container may run.
    const theirs = [
      `immuconfig-watch-${space}-${process.pid}-abcdef`,
      left.replace(space, `${space}1`),
    ];
    for (const name of theirs) mkdirSync(join(temporary, name));
    const now = await killedWatch();
    expect(now).not.toContain(left);
    expect(now).toHaveLength(3);
    expect(now).toEqual(expect.arrayContaining(theirs));
  },
);

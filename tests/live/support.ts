import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { type File, encodeFile } from "../../src/format/file.ts";
import type { LiveClock } from "../../src/live/clock.ts";
import { segmentName } from "../../src/live/place.ts";
import { defaultFile } from "../../src/store/default_file.ts";

/** A folder with a configuration file whose flags are A (bit 0), B (bit 1) and DEBUG (bit 2). */
export interface LiveProject {
  readonly folder: string;
  readonly path: string;
  readonly runtime: string;
  readonly segment: string;
  readonly env: Readonly<Record<string, string>>;
  [Symbol.dispose](): void;
}

export function liveProject(): LiveProject {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-live-")));
  const path = join(folder, "bunfig.lockb");
  const runtime = join(folder, "runtime");
  writeFileSync(path, encodeFile(threeFlags()));
  return {
    folder,
    path,
    runtime,
    segment: join(runtime, segmentName(path)),
    env: { IMMUCONFIG_RUNTIME_DIR: runtime },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Both clocks, standing still at one number. */
export function clockAt(ms: number): LiveClock {
  return { now: () => ms, uptime: () => ms };
}

export function threeFlags(): File {
  const file = defineFlag("A", { bit: 0 })(defaultFile());
  return defineFlag("B", { bit: 1 })(file);
}

export interface ChildResult {
  readonly status: number | null;
  readonly signal: string | number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a program of tests/live/children; it has 20 s. */
export function startChild(name: string, args: readonly string[], project: LiveProject) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "children", name), ...args], {
    cwd: project.folder,
    env: { ...process.env, ...project.env, IMMUCONFIG_FILE: project.path },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: 20_000,
  });
  const { promise: firstLine, resolve } = Promise.withResolvers<void>();
  const read = async (): Promise<string> => {
    let text = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes("\n")) resolve();
    }
    resolve();
    return text;
  };
  const finish = async (): Promise<ChildResult> => {
    const [stdout, stderr] = await Promise.all([read(), child.stderr.text()]);
    await child.exited;
    return { status: child.exitCode, signal: child.signalCode, stdout, stderr };
  };
  return { child, firstLine, done: finish() };
}

export function runChild(
  name: string,
  args: readonly string[],
  project: LiveProject,
): Promise<ChildResult> {
  return startChild(name, args, project).done;
}

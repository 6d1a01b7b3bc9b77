import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineFlag } from "../../src/format/edit.ts";
import { type ConfigFile, encodeFile } from "../../src/format/file.ts";
import { segmentPath } from "../../src/live/segment_path.ts";
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
  const folder = mkdtempSync(join(tmpdir(), "immuconfig-live-"));
  const path = join(folder, "bunfig.lockb");
  const runtime = join(folder, "runtime");
  writeFileSync(path, encodeFile(threeFlags()));
  return {
    folder,
    path,
    runtime,
    segment: segmentPath(runtime, path),
    env: { IMMUCONFIG_RUNTIME_DIR: runtime },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function threeFlags(): ConfigFile {
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
  const done = async (): Promise<ChildResult> => {
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    await child.exited;
    return { status: child.exitCode, signal: child.signalCode, stdout, stderr };
  };
  return { child, done: done() };
}

export function runChild(
  name: string,
  args: readonly string[],
  project: LiveProject,
): Promise<ChildResult> {
  return startChild(name, args, project).done;
}

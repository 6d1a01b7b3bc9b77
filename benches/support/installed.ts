/** The package as it is installed, in a folder of its own: what its import and its commands cost. */

import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLEAN_OPTIONS } from "../../src/cli/clean_start.ts";
import { type File, encodeFile } from "../../src/format/file.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { check } from "./measure.ts";

const root = join(import.meta.dir, "..", "..");

/** @returns a folder with a record of eight flags, our package, and a package of one line */
export function installPackages(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bench-")));
  // A project's own tsconfig.json, for one, would cost time too: dist/ and lib/ are copied out.
  const target = join(folder, "node_modules", "immuconfig");
  for (const part of ["dist", "lib", "package.json"]) {
    cpSync(join(root, part), join(target, part), { recursive: true });
  }
  const other = join(folder, "node_modules", "one-line");
  mkdirSync(other);
  writeFileSync(
    join(other, "package.json"),
    '{"name":"one-line","type":"module","exports":"./i.js"}',
  );
  writeFileSync(join(other, "i.js"), "// @bun\nexport const one = 1;\n");
  const file: File = {
    ...defaultFile({ registry: "https://registry.example.test", project: "bench" }),
    flags: Array.from({ length: 8 }, (_, bit) => ({ bit, name: `FLAG_${bit}` })),
  };
  const record = { ...file.record, featureFlags: 0b1011_0010n };
  writeFileSync(join(folder, "bunfig.lockb"), encodeFile({ ...file, record }));
  return folder;
}

/** How the package's command is started in such a folder: as the first line of its file does. */
export function installedCommand(folder: string): string[] {
  const cli = join(folder, "node_modules", "immuconfig", "dist", "cli", "config.js");
  return [process.execPath, ...CLEAN_OPTIONS, cli];
}

/** Takes away what {@link installPackages} made. */
export function removePackages(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Variables in place of this process's own, or beside them. */
type Environment = Readonly<Record<string, string>>;

/** The wall time of a process that must end well, in nanoseconds. */
export function runProcess(command: readonly string[], cwd: string, env: Environment = {}): number {
  const start = Bun.nanoseconds();
  runToEnd(command, cwd, env);
  return Bun.nanoseconds() - start;
}

/** The processor time of such a process, its own and the system's for it, in nanoseconds. */
export function processorTime(command: readonly string[], cwd: string): number {
  const { resourceUsage } = runToEnd(command, cwd);
  return Number(resourceUsage.cpuTime.total) * 1e3;
}

function runToEnd(
  command: readonly string[],
  cwd: string,
  env: Environment = {},
): Bun.SyncSubprocess {
  const ended = Bun.spawnSync([...command], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  check(ended.exitCode === 0, `${command.join(" ")} exited with ${ended.exitCode}`);
  return ended;
}

/** The command line again, in a process that the folder's settings did not reach. */

import { join } from "node:path";
import { CLEAN_OPTIONS } from "./clean_start.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../base/limits.ts";
import { readTextIfThere } from "../base/read_file.ts";
import { startEnvironment } from "../base/start_environment.ts";
import { runChild } from "./children/run_child.ts";
import { standaloneExecutable } from "./children/standalone_executable.ts";
import type { Host } from "./command.ts";
import { main } from "./main.ts";
import { Output } from "./output/output.ts";

/** A preload at the top level of a `bunfig.toml`. */
const PRELOAD = /^[ \t]*["']?preload["']?[ \t]*=/m;

/**
 * @param words of the command line, after the program's name
 * @returns the exit code
 */
export async function restart(words: readonly string[], host: Host): Promise<number> {
  // An executable has its options inside.
  if (standaloneExecutable() !== undefined) return main(words, host);
  const out = new Output(words, host);
  if (hasPreload(host.cwd)) {
    out.note(
      "note: the preload of this folder's bunfig.toml ran before this command; " +
        "`bunx immuconfig` starts it without",
    );
  }
  const command = [process.execPath, ...CLEAN_OPTIONS, Bun.main, ...words];
  return runChild(command, { cwd: host.cwd, env: startEnvironment(host.env, host.cwd), out });
}

/** What cannot be read as a text has had no effect: Bun would not have started. */
function hasPreload(folder: string): boolean {
  try {
    const text = readTextIfThere(join(folder, "bunfig.toml"), SETTINGS_FILE_SIZE_MAX);
    return text !== undefined && PRELOAD.test(text);
  } catch {
    return false;
  }
}

/**
 * A note for developers, once a day for each project: `feature("X")` is false in this process, and the
 * record says true. Said on a terminal alone, and only of flags that the project's sources ask for.
 */

import { fstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readSource, readUpTo } from "../base/read_file.ts";

const SOURCE = /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/;
const NEEDLE = "bun:bundle";
/** Bytes in which a source names what it imports. */
const HEAD_SIZE = 4096;
/** Bounds the look at the sources. */
const FOLDER_COUNT_MAX = 500;
const FILE_COUNT_MAX = 2000;
/** Outputs and packages are nobody's sources. */
const SKIPPED = new Set(["node_modules", "dist", "build", "out", "coverage", "target", "vendor"]);

/**
 * Says it where it has to be said, and remembers that it was looked at.
 *
 * @param cwd the folder whose `bunfig.toml` has the preload
 * @param stamp the file that is as old as the last look
 * @param lacking flags that are on in the record and not in Bun
 * @param say prints the note
 */
export function noteFeatures(
  cwd: string,
  stamp: string,
  lacking: readonly string[],
  say: (note: string) => void,
): void {
  if (!isTerminal(2)) return;
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, "");
  const used = usedFlags(cwd, lacking);
  if (used.length === 0) return;
  const calls = used.map((name) => `feature("${name}")`).join(", ");
  say(
    `immuconfig: ${calls} ${used.length === 1 ? "is" : "are"} false here, and the record says true: Bun takes flags from its command line. Start it by \`bunx immuconfig exec -- bun …\`; \`bunx immuconfig init --wrap\` writes that into the scripts. (Said once a day.)`,
  );
}

/** Of the flags, those that a source which imports `bun:bundle` names. */
function usedFlags(cwd: string, flags: readonly string[]): string[] {
  const used = new Set<string>();
  for (const path of sources(cwd)) {
    if (!head(path).includes(NEEDLE)) continue;
    const text = readSource(path).toString();
    for (const flag of flags) {
      if (text.includes(`"${flag}"`) || text.includes(`'${flag}'`)) used.add(flag);
    }
    if (used.size === flags.length) break;
  }
  return flags.filter((flag) => used.has(flag));
}

function* sources(cwd: string): Generator<string> {
  const folders = [cwd];
  let files = 0;
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isFile() && SOURCE.test(entry.name)) {
        if (files++ >= FILE_COUNT_MAX) return;
        yield path;
      } else if (entry.isDirectory() && folders.length < FOLDER_COUNT_MAX) {
        if (!entry.name.startsWith(".") && !SKIPPED.has(entry.name)) folders.push(path);
      }
    }
  }
}

function head(path: string): string {
  return Buffer.from(readUpTo(path, HEAD_SIZE)).toString("latin1");
}

/** As `node:tty` has it, which takes tens of milliseconds to load. */
function isTerminal(descriptor: number): boolean {
  if (process.platform === "win32") return false;
  const stats = fstatSync(descriptor);
  return stats.isCharacterDevice() && stats.rdev !== statSync("/dev/null").rdev;
}

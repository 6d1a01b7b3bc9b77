/**
 * Which process set a pin: its number, and when it was started, in ticks since the start of the
 * system. No file can know both beforehand, so a pin whose setter is this process or one above it
 * came from there, and not from a project's files (docs/format.md, "Spawn pin").
 */

import { readFileSync } from "node:fs";

/** Processes from this one upwards that are looked at. */
const DEPTH_MAX = 64;
/** Ticks, of which a second has 100: the first process of a system starts at a time that can be guessed. */
const GUESSED_START = 100;
const FIRST_PROCESS = "1";
const PARENT_FIELD = 1;
const START_FIELD = 19;

/** This process as `NUMBER.START`; undefined where the system does not tell (Linux does). */
export function ownSetter(): string | undefined {
  return process.platform === "linux" ? readProcess("self")?.setter : undefined;
}

/** Whether a pin was set by this process, or by one that it descends from. */
export function isOfThisTree(setter: string): boolean {
  if (process.platform !== "linux") return false;
  const [number, start] = setter.split(".");
  if (number === FIRST_PROCESS && Number(start) < GUESSED_START) return false;
  let current = "self";
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    const found = readProcess(current);
    if (found === undefined) return false;
    if (found.setter === setter) return true;
    current = found.parent;
  }
  return false;
}

function readProcess(name: string): { setter: string; parent: string } | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${name}/stat`, "latin1");
  } catch {
    return undefined;
  }
  const [number] = stat.split(" ", 1);
  // The name is in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const parent = fields[PARENT_FIELD];
  const start = fields[START_FIELD];
  if (number === undefined || parent === undefined || start === undefined) return undefined;
  return { setter: `${number}.${start}`, parent };
}

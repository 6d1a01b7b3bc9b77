/**
 * The processes that read the live flags of a project, whatever folder their segment lies in: a
 * service and an operator need not have the same environment, nor the same names for things.
 *
 * A reader keeps its segment open, so the system knows. Linux tells each user about processes of
 * their own, and root about all.
 */

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { realFilePath } from "../store/real_path.ts";
import { isPrivateFile, OTHERS, type Place, projectSuffix } from "./place.ts";
import { SEGMENT_SIZE } from "./segment.ts";
import { Segment } from "./segment_file.ts";

const PROCESSES = "/proc";

/** A segment of the project, and who has it open. */
export interface ReadSegment {
  /** Which file it is. */
  readonly key: string;
  /** Its folder, as this process reaches it: what writers lock. */
  readonly folder: string;
  /** A way to the very file, that a rename or another mount cannot change. */
  readonly link: string;
  /** The user it must belong to. */
  readonly owner: number;
  /** In ascending order. */
  readonly processes: readonly number[];
}

/**
 * @param file the real path of the record's file
 * @returns undefined where the system does not tell
 */
export function findReaders(file: string): readonly ReadSegment[] | undefined {
  if (process.platform !== "linux") return undefined;
  const suffix = projectSuffix(file);
  const found = new Map<string, ReadSegment>();
  for (const name of readdirSync(PROCESSES)) {
    const processId = Number(name);
    if (!Number.isInteger(processId)) continue;
    for (const link of openFiles(processId)) {
      const segment = segmentAt(link, processId, suffix);
      if (segment === undefined) continue;
      const others = found.get(segment.key)?.processes ?? [];
      const processes = [...new Set([...others, processId])].toSorted((a, b) => a - b);
      found.set(segment.key, { ...segment, processes });
    }
  }
  return [...found.values()];
}

/**
 * How many processes read the live flags of a file.
 *
 * @param path of the file
 * @returns null where the system does not tell
 */
export function readersOf(path: string): number | null {
  const found = findReaders(realFilePath(path));
  return found === undefined ? null : countOf(found);
}

/** Processes that read one of several segments. */
export function countOf(segments: readonly ReadSegment[]): number {
  return new Set(segments.flatMap(({ processes }) => processes)).size;
}

/**
 * Opens the folder of a segment for a writer, who may be root: what another user could put in its
 * place while it is looked at is not followed.
 *
 * @returns a descriptor; undefined for a folder that is not its reader's alone
 */
export function openReadFolder({ folder, owner }: ReadSegment): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(folder, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
  const { uid, mode } = fstatSync(descriptor);
  if (uid === owner && (mode & OTHERS) === 0) return descriptor;
  closeSync(descriptor);
  return undefined;
}

/** Opens a segment for a writer. It belongs to somebody who reads it, and is only changed in place. */
export function openReadSegment({ link, owner }: ReadSegment): Segment | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(link, "r+");
  } catch {
    return undefined;
  }
  const stats = fstatSync(descriptor);
  if (isPrivateFile(stats, owner) && stats.size === SEGMENT_SIZE)
    return Segment.of(link, descriptor);
  closeSync(descriptor);
  return undefined;
}

/** Which file a place's segment is, as `ReadSegment` says it; undefined where there is none. */
export function keyOf({ segment }: Place): string | undefined {
  const stats = statSync(segment, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

/** The links to the files that a process has open; none where the system does not tell. */
function openFiles(processId: number): string[] {
  const folder = `${PROCESSES}/${processId}/fd`;
  try {
    return readdirSync(folder).map((descriptor) => `${folder}/${descriptor}`);
  } catch {
    return [];
  }
}

function segmentAt(link: string, processId: number, suffix: string): ReadSegment | undefined {
  try {
    const path = readlinkSync(link);
    if (!path.endsWith(suffix)) return undefined;
    const { dev, ino } = statSync(link, { bigint: true });
    const { uid } = statSync(`${PROCESSES}/${processId}`);
    const key = `${dev}:${ino}`;
    // The name is the process's own: in another mount namespace it leads elsewhere, or nowhere.
    for (const root of ["", `${PROCESSES}/${processId}/root`]) {
      const there = statSync(root + path, { bigint: true, throwIfNoEntry: false });
      if (there?.dev !== dev || there.ino !== ino) continue;
      return { key, folder: root + dirname(path), link, owner: uid, processes: [processId] };
    }
  } catch {
    // It has ended meanwhile, or is another user's.
  }
  return undefined;
}

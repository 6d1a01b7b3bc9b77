/** Puts a bundle's files on disk. */

import { chmodSync, closeSync, constants, lstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { cannotWrite } from "../../base/fs_errors.ts";
import { liesBelow } from "../../base/paths.ts";
import { writeAll } from "../../store/write_all.ts";
import type { BundleFile } from "./bundle.ts";
import { moveInlineMap, moveMap } from "../source/map_sources.ts";

export interface WrittenFile {
  /** Absolute. */
  readonly path: string;
  readonly kind: BundleFile["kind"];
  /** Bytes. */
  readonly size: number;
}

const HASHBANG = "#!";
const EXECUTABLE_MODE = 0o755;

/**
 * @param folder to which the files' paths are relative
 * @param named the absolute path that the user gave one of them: another one's link leads nowhere, as a clone may
 * bring it
 * @throws ImmuconfigError `ERR_WRITE`
 */
export async function writeBundle(
  files: readonly BundleFile[],
  folder: string,
  named?: string,
): Promise<WrittenFile[]> {
  const written: WrittenFile[] = [];
  for (const { path, kind, content } of files) {
    // An executable is in its place already, with its map.
    const size = isAbsolute(path) && kind !== "asset" ? sizeOnDisk(path) : undefined;
    const target = resolve(folder, path);
    const bytes =
      size === undefined ? await contentFor(target, { path, kind, content }) : undefined;
    if (bytes !== undefined) writeOutput(target, bytes, target === named ? undefined : folder);
    written.push({ path: target, kind, size: size ?? bytes?.length ?? 0 });
  }
  return written;
}

const INLINE_MAP = "sourceMappingURL=data:";

/** What a file holds where it is written: in memory, sources of maps are told from the working folder. */
async function contentFor(target: string, { path, kind, content }: BundleFile): Promise<Buffer> {
  const bytes = Buffer.from(await content.arrayBuffer());
  const places = [process.cwd(), dirname(target)] as const;
  if (places[0] === places[1]) return bytes;
  if (kind === "sourcemap") return Buffer.from(moveMap(bytes.toString(), ...places));
  const isInline = /\.[cm]?js$/.test(path) && bytes.includes(INLINE_MAP);
  return isInline ? Buffer.from(moveInlineMap(bytes.toString(), ...places)) : bytes;
}

function sizeOnDisk(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** Where a name says that a file is, it is: no folder on the way is a link. */
function requireOwnFolder(path: string, folder: string): void {
  for (let at = dirname(path); liesBelow(at, folder); at = dirname(at)) {
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
    throw cannotWrite(path, `${at} is a symbolic link`, { hint: "Remove the link." });
  }
}

const ANEW = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
/** Follows no link in the place of a file. */
const OWN_FILE = ANEW | (constants.O_NOFOLLOW ?? 0);

/** Of a pipe in the file's place: opening it would wait for one. */
function requireReader(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO() !== true) return;
  closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
}

/**
 * Writes what was made for the user, and its folder where there is none; a pipe is written to. What can be made
 * again is not worth a sync.
 *
 * @param content what begins as a script does may be run
 * @param folder from which no link may lead to another file; nothing for a path that the user named
 * @throws ImmuconfigError `ERR_WRITE`
 */
export function writeOutput(path: string, content: Buffer | string, folder?: string): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  try {
    if (folder !== undefined) requireOwnFolder(path, folder);
    mkdirSync(dirname(path), { recursive: true });
    requireReader(path);
    const descriptor = openSync(path, folder === undefined ? ANEW : OWN_FILE);
    try {
      writeAll(descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
    if (bytes.toString("latin1", 0, HASHBANG.length) === HASHBANG) chmodSync(path, EXECUTABLE_MODE);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

import { statSync } from "node:fs";
import { createHash, randomUUID } from "node:crypto";
import { dirname, relative, resolve } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import { readWhole } from "../base/read_file.ts";

/** Files that one Zig module may be made of. */
const FILE_COUNT_MAX = 10_000;
/** Bytes of one file. */
const FILE_SIZE_MAX = 64 * 1024 * 1024;
/** Bytes of all of them, which are held at once. */
const TOTAL_SIZE_MAX = 128 * 1024 * 1024;

const REFERENCE = /@(import|embedFile)\(\s*"((?:[^"\\]|\\.)*)"/g;
/** References whose path is plain text. Of others only the compiler knows what they name. */
const PLAIN_REFERENCE = /@(?:import|embedFile)\(\s*"[^"\\]*"\s*\)/g;
const ANY_REFERENCE = /@(?:import|embedFile)\s*\(/g;

/**
 * The SHA-256 of a Zig file and of all that it imports and embeds by path, as hex. Paths are
 * taken from the file's folder, so a checkout elsewhere has the same hash. Where a path is put
 * together by Zig code, each call gives another hash.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` for the file itself: what it imports and is not there is
 * the compiler's to complain about; `ERR_READ`, also for a device or a pipe
 */
export function hashZigSources(source: string): string {
  const base = dirname(source);
  const hash = createHash("sha256");
  for (const [path, content] of collectSources(source)) {
    const name = relative(base, path).replaceAll("\\", "/");
    hash.update(`${name.length}:${name}${content?.length ?? "missing"}:`);
    if (content !== undefined) hash.update(content);
    if (content !== undefined && path.endsWith(".zig") && !isPlain(content)) {
      hash.update(randomUUID());
    }
  }
  return hash.digest("hex");
}

function collectSources(source: string): [string, Uint8Array | undefined][] {
  const found = new Map<string, Uint8Array | undefined>();
  const queue = [source];
  let size = 0;
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (found.has(path)) continue;
    const content = readSource(path, path === source);
    found.set(path, content);
    size += content?.length ?? 0;
    if (found.size > FILE_COUNT_MAX || size > TOTAL_SIZE_MAX) throw tooMuch(source);
    if (path.endsWith(".zig") && content !== undefined) queue.push(...references(path, content));
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function tooMuch(source: string): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_READ",
    `${source} imports more than ${FILE_COUNT_MAX} files or ${TOTAL_SIZE_MAX} bytes`,
    { hint: "Split the module." },
  );
}

function isPlain(content: Uint8Array): boolean {
  const text = textOf(content);
  return text.match(ANY_REFERENCE)?.length === text.match(PLAIN_REFERENCE)?.length;
}

/** Imports of other files end in `.zig` or `.zon`; those of modules are names. */
function references(path: string, content: Uint8Array): string[] {
  return [...textOf(content).matchAll(REFERENCE)]
    .filter(([, kind, target]) => kind === "embedFile" || /\.z(?:ig|on)$/.test(target ?? ""))
    .map(([, , target]) => resolve(dirname(path), Buffer.from(target ?? "", "latin1").toString()));
}

/** A device or a pipe has no end: it is refused here, before the compiler opens it. */
function readSource(path: string, isRoot: boolean): Uint8Array | undefined {
  return isRoot || isThere(path) ? readWhole(path, FILE_SIZE_MAX) : undefined;
}

/** Of a folder the compiler says itself that it is none of a module's files. */
function isThere(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function textOf(content: Uint8Array): string {
  return Buffer.from(content.buffer, content.byteOffset, content.length).toString("latin1");
}

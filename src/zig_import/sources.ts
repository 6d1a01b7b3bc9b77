import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { ImmuconfigError, systemCode } from "../base/errors.ts";

/** Files that one Zig module may be made of. */
const FILE_COUNT_MAX = 10_000;
/** Bytes of one file. */
const FILE_SIZE_MAX = 64 * 1024 * 1024;

const REFERENCE = /@(import|embedFile)\(\s*"((?:[^"\\]|\\.)*)"/g;
/** References whose path is plain text. Of others only the compiler knows what they name. */
const PLAIN_REFERENCE = /@(?:import|embedFile)\(\s*"[^"\\]*"\s*\)/g;
const ANY_REFERENCE = /@(?:import|embedFile)\s*\(/g;

/**
 * The SHA-256 of a Zig file and of all that it imports and embeds by path, as hex. Paths are
 * taken from the file's folder, so a checkout elsewhere has the same hash. Where a path is put
 * together by Zig code, each call gives another hash.
 *
 * @throws ImmuconfigError `ERR_READ` when the file itself cannot be read; what it imports is the
 * compiler's to complain about
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

function collectSources(source: string): [string, Buffer | undefined][] {
  const found = new Map<string, Buffer | undefined>();
  const queue = [source];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (found.has(path)) continue;
    if (found.size === FILE_COUNT_MAX) {
      throw new ImmuconfigError("ERR_READ", `${source} imports more than ${FILE_COUNT_MAX} files`);
    }
    const content = readSource(path, path === source);
    found.set(path, content);
    if (path.endsWith(".zig") && content !== undefined) queue.push(...references(path, content));
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function isPlain(content: Buffer): boolean {
  const text = content.toString("latin1");
  return text.match(ANY_REFERENCE)?.length === text.match(PLAIN_REFERENCE)?.length;
}

/** Imports of other files end in `.zig` or `.zon`; those of modules are names. */
function references(path: string, content: Buffer): string[] {
  return [...content.toString("latin1").matchAll(REFERENCE)]
    .filter(([, kind, target]) => kind === "embedFile" || /\.z(?:ig|on)$/.test(target ?? ""))
    .map(([, , target]) => resolve(dirname(path), Buffer.from(target ?? "", "latin1").toString()));
}

function readSource(path: string, isRoot: boolean): Buffer | undefined {
  try {
    const content = readFileSync(path);
    if (content.length <= FILE_SIZE_MAX) return content;
  } catch (cause) {
    if (!isRoot) return undefined;
    const code = systemCode(cause) === "ENOENT" ? "ERR_NOT_FOUND" : "ERR_READ";
    throw new ImmuconfigError(code, `cannot read ${path}`, { cause });
  }
  throw new ImmuconfigError("ERR_READ", `${path} has more than ${FILE_SIZE_MAX} bytes`);
}

import {
  closeSync,
  constants,
  createReadStream,
  fchmodSync,
  fsyncSync,
  openSync,
  rmSync,
  writeSync,
} from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { ImmuconfigError, systemCode } from "../base/errors.ts";
import { PROGRAM_SIZE_MAX, RELEASE_EXTRAS_SIZE_MAX } from "../base/limits.ts";
import { writeError } from "./system_error.ts";
import { archiveError, TarReader } from "./tar.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
const CHUNK_SIZE = 256 * 1024;
const PAPERS = new Set(
  ["package.json", "README.md", "LICENSE", "LICENSE.md", "LICENSE.txt"].map(
    (name) => `package/${name}`,
  ),
);

/**
 * Takes one program out of a packed release, and makes it durable.
 *
 * @param tarball The path of a gzipped tar archive that was verified.
 * @param member The one path in it that is taken out, such as `package/bin/bun`.
 * @param target Where the program goes; nothing may be there.
 * @param mode Its permission bits.
 * @returns The program's size in bytes.
 * @throws ImmuconfigError `ERR_ARCHIVE` when the archive holds anything else than that file and
 *   package.json, README or LICENSE; `ERR_WRITE` when the disk refuses. Nothing is left then.
 */
export async function unpackProgram(
  tarball: string,
  member: string,
  target: string,
  mode: number,
): Promise<number> {
  const fd = createProgram(target);
  let done = false;
  try {
    const reader = new TarReader({
      member,
      papers: PAPERS,
      memberSizeMax: PROGRAM_SIZE_MAX,
      papersSizeMax: RELEASE_EXTRAS_SIZE_MAX,
      write: (bytes) => {
        writeAll(fd, bytes, target);
      },
    });
    await pipeline(
      createReadStream(tarball, { highWaterMark: CHUNK_SIZE }),
      createGunzip({ chunkSize: CHUNK_SIZE }),
      new Writable({
        write(chunk: Uint8Array, _encoding, next) {
          next(caught(() => reader.push(chunk)));
        },
        highWaterMark: CHUNK_SIZE,
      }),
    );
    const { size } = reader.end();
    fchmodSync(fd, mode);
    fsyncSync(fd);
    done = true;
    return size;
  } catch (cause) {
    throw unpackError(cause, target);
  } finally {
    closeSync(fd);
    if (!done) rmSync(target, { force: true });
  }
}

function createProgram(target: string): number {
  try {
    return openSync(target, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  } catch (cause) {
    throw writeError("unpack the program", target, cause);
  }
}

function writeAll(fd: number, bytes: Uint8Array, target: string): void {
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at);
  } catch (cause) {
    throw writeError("unpack the program", target, cause);
  }
}

function caught(action: () => void): Error | null {
  try {
    action();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function unpackError(cause: unknown, target: string): ImmuconfigError {
  const code = systemCode(cause);
  if (code?.startsWith("Z_") === true) return archiveError("it is no whole gzip file", cause);
  return writeError("unpack the program", target, cause);
}

/** Takes the one program out of a packed release. */

import { closeSync, constants, createReadStream, openSync, rmSync } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { ImmuconfigError } from "../base/errors.ts";
import { cannotWrite, systemCode } from "../base/fs_errors.ts";
import { PROGRAM_SIZE_MAX, RELEASE_EXTRAS_SIZE_MAX } from "../base/limits.ts";
import { type Attributes, finishFile } from "../store/durable_write.ts";
import { writeAll } from "../store/write_all.ts";
import { archiveError, TarReader } from "./tar.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
const CHUNK_SIZE = 256 * 1024;
const DOCUMENTS = new Set(
  ["package.json", "README.md", "LICENSE", "LICENSE.md", "LICENSE.txt"].map(
    (name) => `package/${name}`,
  ),
);

/**
 * Takes one program out of a packed release, and makes it durable.
 *
 * @param tarball the path of a gzipped tar archive that was verified
 * @param member the one path in it that is taken out, such as `package/bin/bun`
 * @param target where the program goes; nothing may be there
 * @param like its permissions and owner
 * @returns the program's size in bytes
 * @throws ImmuconfigError `ERR_ARCHIVE` when the archive holds anything else than that file and
 * package.json, README or LICENSE; `ERR_WRITE` when the disk refuses. Nothing is left then.
 */
export async function unpackProgram(
  tarball: string,
  member: string,
  target: string,
  like: Attributes,
): Promise<number> {
  const descriptor = createProgram(target);
  let done = false;
  try {
    const reader = new TarReader({
      member,
      documents: DOCUMENTS,
      memberSizeMax: PROGRAM_SIZE_MAX,
      documentsSizeMax: RELEASE_EXTRAS_SIZE_MAX,
      write: (bytes) => writeAll(descriptor, bytes),
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
    finishFile(descriptor, like);
    done = true;
    return size;
  } catch (cause) {
    throw unpackError(cause, target);
  } finally {
    closeSync(descriptor);
    if (!done) rmSync(target, { force: true });
  }
}

function createProgram(target: string): number {
  try {
    return openSync(target, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  } catch (cause) {
    throw cannotWrite(target, cause);
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
  return cannotWrite(target, cause);
}

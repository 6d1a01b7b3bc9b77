/** Puts a bundle's files on disk. */

import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { ImmuconfigError, systemCode } from "../errors.ts";
import type { BundleFile } from "./feature_elimination.ts";

export interface WrittenFile {
  /** Absolute. */
  readonly path: string;
  readonly kind: BundleFile["kind"];
  /** Bytes. */
  readonly size: number;
}

const EXECUTABLE_MODE = 0o755;
const HASHBANG = Buffer.from("#!");

/**
 * @param folder to which the files' paths are relative
 * @throws ImmuconfigError `ERR_WRITE`
 */
export async function writeBundle(
  files: readonly BundleFile[],
  folder: string,
): Promise<WrittenFile[]> {
  const written: WrittenFile[] = [];
  for (const { path, kind, content } of files) {
    const target = resolve(folder, path);
    // Bun has written an executable itself, with its map.
    const isWritten = isAbsolute(path) && existsSync(path) && kind !== "asset";
    if (!isWritten) writeOne(target, new Uint8Array(await content.arrayBuffer()));
    written.push({ path: target, kind, size: isWritten ? statSync(path).size : content.size });
  }
  return written;
}

function writeOne(path: string, bytes: Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    if (HASHBANG.equals(bytes.subarray(0, HASHBANG.length))) chmodSync(path, EXECUTABLE_MODE);
  } catch (cause) {
    throw new ImmuconfigError(
      "ERR_WRITE",
      `cannot write ${path}: ${systemCode(cause) ?? String(cause)}`,
      {
        hint: "Check the folder and the disk, and build again.",
        cause,
      },
    );
  }
}

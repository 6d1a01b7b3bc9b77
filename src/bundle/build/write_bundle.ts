/** Puts a bundle's files on disk. */

import { absolutePath, isAbsolutePath } from "../../base/paths.ts";
import type { BundleFile } from "./bundle_file.ts";

export interface WrittenFile {
  /** Absolute. */
  readonly path: string;
  readonly kind: BundleFile["kind"];
  /** Bytes. */
  readonly size: number;
}

/** Up to so many bytes, a copy is written at once; a blob is written by another thread. */
const COPIED_SIZE_MAX = 65_536;

/** `#!` */
const HASHBANG = [0x23, 0x21] as const;

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
    // Bun has written an executable itself, with its map.
    const size = isAbsolutePath(path) && kind !== "asset" ? sizeOnDisk(path) : undefined;
    const target = absolutePath(folder, path);
    if (size === undefined) await writeOne(target, content);
    written.push({ path: target, kind, size: size ?? content.size });
  }
  return written;
}

function sizeOnDisk(path: string): number | undefined {
  const { statSync } = process.getBuiltinModule("node:fs");
  return statSync(path, { throwIfNoEntry: false })?.size;
}

async function writeOne(path: string, content: Blob): Promise<void> {
  const start = content.size > COPIED_SIZE_MAX ? content.slice(0, HASHBANG.length) : content;
  const bytes = new Uint8Array(await start.arrayBuffer());
  const isProgram = bytes[0] === HASHBANG[0] && bytes[1] === HASHBANG[1];
  try {
    if (!isProgram) {
      await Bun.write(path, start === content ? bytes : content);
      return;
    }
  } catch {
    // Below it works, or says what is wrong.
  }
  const { writeWithFs } = await import("./write_with_fs.ts");
  writeWithFs(path, new Uint8Array(await content.arrayBuffer()), isProgram);
}

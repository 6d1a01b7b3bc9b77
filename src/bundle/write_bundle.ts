/** Puts a bundle's files on disk. */

import { absolutePath, isAbsolutePath } from "../paths.ts";
import type { BundleFile } from "./bundle_state.ts";

export interface WrittenFile {
  /** Absolute. */
  readonly path: string;
  readonly kind: BundleFile["kind"];
  /** Bytes. */
  readonly size: number;
}

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
    if (size === undefined) await writeOne(target, new Uint8Array(await content.arrayBuffer()));
    written.push({ path: target, kind, size: size ?? content.size });
  }
  return written;
}

function sizeOnDisk(path: string): number | undefined {
  const { statSync } = process.getBuiltinModule("node:fs");
  return statSync(path, { throwIfNoEntry: false })?.size;
}

async function writeOne(path: string, bytes: Uint8Array): Promise<void> {
  const isProgram = bytes[0] === HASHBANG[0] && bytes[1] === HASHBANG[1];
  try {
    if (!isProgram) {
      await Bun.write(path, bytes);
      return;
    }
  } catch {
    // Below it works, or says what is wrong.
  }
  const { writeWithFs } = await import("./write_with_fs.ts");
  writeWithFs(path, bytes, isProgram);
}

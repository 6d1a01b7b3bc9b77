/** Writes a file that needs more than `Bun.write`: a mode, or the reason why it cannot be written. */

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ImmuconfigError } from "../../base/errors.ts";
import { systemCode } from "../../base/fs_errors.ts";

const EXECUTABLE_MODE = 0o755;

/** @throws ImmuconfigError `ERR_WRITE` */
export function writeWithFs(path: string, bytes: Uint8Array, isProgram: boolean): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    if (isProgram) chmodSync(path, EXECUTABLE_MODE);
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

/** The bytes that this user signed last for a file: what the next signature is compared with. */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../base/digest.ts";
import type { Environment } from "../../base/environment.ts";
import { ImmuconfigError } from "../../base/errors.ts";
import { systemCode } from "../../base/fs_errors.ts";
import { stateFolder } from "../../base/user_folders.ts";
import { decodeUnverified, type File } from "../../format/file.ts";
import { createFile } from "../../store/durable_write.ts";
import { readFileBytes } from "../../store/read.ts";

/** @param path the file's real one */
export function lastSigned(path: string, env: Environment): File | undefined {
  const kept = keptPath(path, env);
  if (kept === undefined) return undefined;
  try {
    return decodeUnverified(readFileBytes(kept));
  } catch (error) {
    // A copy that was lost or damaged makes the difference longer, never shorter.
    if (error instanceof ImmuconfigError) return undefined;
    throw error;
  }
}

/** Where it cannot be kept, the next signature shows a longer difference. */
export function keepSigned(path: string, bytes: Uint8Array, env: Environment): void {
  const kept = keptPath(path, env);
  if (kept === undefined) return;
  try {
    mkdirSync(join(kept, ".."), { recursive: true, mode: 0o700 });
    rmSync(kept, { force: true });
    createFile(kept, bytes, { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof ImmuconfigError) && systemCode(error) === undefined) throw error;
  }
}

function keptPath(path: string, env: Environment): string | undefined {
  const folder = stateFolder(env);
  if (folder === undefined) return undefined;
  const name = sha256(path).slice(0, 32);
  return join(folder, "signed", `${name}.lockb`);
}

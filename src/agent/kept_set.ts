/** The set of overrides that a host believed last: what it starts with when nobody answers. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../base/digest.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../base/limits.ts";
import { readTextIfThere } from "../base/read_file.ts";
import { createFile, replaceFile } from "../store/durable_write.ts";

const NAME = "set.jwt";
const OWN = { mode: 0o600 };

export class KeptSet {
  readonly #path: string;

  /**
   * @param state where this machine keeps what it has seen
   * @param identity of what the set is for: server, project, environment, file
   */
  constructor(state: string, identity: readonly string[]) {
    const id = sha256(JSON.stringify(identity)).slice(0, 32);
    const folder = join(state, "agents", id);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#path = join(folder, NAME);
  }

  /** @throws ImmuconfigError `ERR_READ` */
  read(): string | undefined {
    return readTextIfThere(this.#path, SETTINGS_FILE_SIZE_MAX);
  }

  /** @throws ImmuconfigError `ERR_WRITE`; the old set is then whole */
  write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    if (this.read() === undefined) createFile(this.#path, bytes, OWN);
    else replaceFile(this.#path, bytes);
  }
}

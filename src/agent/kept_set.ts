/** The set of overrides that a host believed last: what it starts with when nobody answers. */

import { join } from "node:path";
import { sha256 } from "../base/digest.ts";
import { OVERRIDE_SET_SIZE_MAX } from "../base/limits.ts";
import { SlotFile } from "../store/slot_file.ts";
import { makeOwnFolder, OTHERS_READ_OR_WRITE } from "../trust/owned_file.ts";

const NAME = "sets";

export class KeptSet {
  readonly path: string;
  readonly #file: SlotFile;

  /**
   * @param state where this machine keeps what it has seen
   * @param identity of what the set is for: server, project, environment, file
   * @throws ImmuconfigError `ERR_WRITE`
   */
  constructor(state: string, identity: readonly string[]) {
    const id = sha256(JSON.stringify(identity)).slice(0, 32);
    const folder = join(state, "agents", id);
    makeOwnFolder(folder, OTHERS_READ_OR_WRITE);
    this.path = join(folder, NAME);
    this.#file = new SlotFile(this.path, OVERRIDE_SET_SIZE_MAX);
  }

  /** @throws ImmuconfigError `ERR_FORMAT` where what is there has no whole set; `ERR_READ`, `ERR_WRITE` */
  read(): string | undefined {
    return this.#file.read();
  }

  /** @throws ImmuconfigError `ERR_WRITE`; the old set is then whole */
  write(text: string): void {
    this.#file.write(text);
  }
}

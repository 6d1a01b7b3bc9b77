/** A configuration file of its own for one topic, with DEBUG on, and a runtime folder of its own. */

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { switchFlags } from "../../src/format/edit/switch_flags.ts";
import { encodeFile } from "../../src/format/file.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { makeSharedFolder } from "../support/shared_folder.ts";

/** 30 bytes once it is canonical: the length of which a bound speaks. */
export const REGISTRY = "https://registry.example.tests";

export class Fixture implements Disposable {
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-claims-")));
  readonly path: string = join(this.folder, "bunfig.lockb");
  readonly bytes: Uint8Array = encodeFile(
    switchFlags(["DEBUG"], true)(defaultFile({ registry: REGISTRY, project: "bench" })),
  );
  readonly #runtime: string = makeSharedFolder();
  readonly env: Readonly<Record<string, string | undefined>> = {
    ...process.env,
    IMMUCONFIG_RUNTIME_DIR: this.#runtime,
  };

  constructor() {
    writeFileSync(this.path, this.bytes);
  }

  [Symbol.dispose](): void {
    for (const one of [this.folder, this.#runtime]) rmSync(one, { recursive: true, force: true });
  }
}

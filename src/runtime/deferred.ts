/** The calls that need the store and the codec, which are loaded with the first of them. */

import type { Config } from "./snapshot.ts";

type Deferred = typeof import("./deferred_api.ts");

/** The import of a module would make a program wait that calls none of this. */
export function deferred(): Deferred {
  return require("./deferred_api.ts") as Deferred;
}

/** `load` of src/runtime/load.ts. */
export function load(path: string): Config {
  return deferred().load(path);
}

/** `parse` of src/runtime/load.ts. */
export function parse(bytes: Uint8Array): Config {
  return deferred().parse(bytes);
}

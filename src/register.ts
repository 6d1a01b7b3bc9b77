/**
 * A preload that defines `Bun.config`:
 *
 *     preload = ["immuconfig/register"]     # bunfig.toml
 *
 * Where there is no valid file the program still starts, and reading `Bun.config` throws the
 * reason: a preload that failed would also stop the commands that create and mend the file.
 */

import type { Config } from "./runtime/config.ts";

declare module "bun" {
  /** The project's record, deeply frozen (immuconfig). */
  // oxlint-disable-next-line no-unused-vars -- a declaration for the users of Bun.config
  const config: Config;
}

async function property(): Promise<PropertyDescriptor> {
  try {
    const { config } = await (typeof Bun === "undefined"
      ? import("./index.ts")
      : import("./index_bun.ts"));
    return { value: config, writable: false };
  } catch (error) {
    return {
      get(): never {
        throw error;
      },
    };
  }
}

// Node has no `Bun` to define it on: there the import has loaded the record and pinned it.
const descriptor = await property();
if (typeof Bun !== "undefined" && !Object.hasOwn(Bun, "config")) {
  Object.defineProperty(Bun, "config", { ...descriptor, enumerable: true, configurable: false });
}

/**
 * A preload that defines `Bun.config`:
 *
 *     preload = ["immuconfig/register"]     # bunfig.toml
 *
 * Where there is no valid file the program still starts, and reading `Bun.config` throws the
 * reason: a preload that failed would also stop the commands that create and mend the file.
 */

import type { Config } from "./runtime/config.ts";
import { lackingFlags } from "./runtime/lacking_flags.ts";

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

/** A day. */
const NOTE_INTERVAL_MS = 86_400_000;

/** Tells a developer, once a day, what a plain `bun run` does not know (runtime/feature_note.ts). */
async function note(config: Config): Promise<void> {
  const { env, execArgv } = process;
  const lacking = lackingFlags(config.features, { env, execArgv, main: Bun.main });
  if (lacking.length === 0) return;
  const cwd = process.cwd();
  const stamp = `${cwd}/node_modules/.cache/immuconfig/feature-note`;
  // One that is missing is of the far future.
  const age = Date.now() - Bun.file(stamp).lastModified;
  if (age >= 0 && age < NOTE_INTERVAL_MS) return;
  const { noteFeatures } = await import("./runtime/feature_note.ts");
  noteFeatures(cwd, stamp, lacking, (text) => console.warn(text));
}

if (typeof Bun !== "undefined" && descriptor.value !== undefined) {
  // A folder that cannot be read or written is no matter for the program.
  note(descriptor.value as Config).catch(() => undefined);
}

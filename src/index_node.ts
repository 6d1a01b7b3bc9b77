/**
 * The package under a Node that can load a module at once, as its condition `module-sync` says: as src/index.ts, but
 * the store and the codec wait until they are needed.
 */

import { PIN_VARIABLE } from "./runtime/children.ts";
import { type Config, processConfig } from "./runtime/config.ts";
import { fastRead } from "./runtime/fast_read.ts";
import type { LoadOptions } from "./runtime/load.ts";
import { mainModule } from "./runtime/main_module.ts";
import { programFolder } from "./runtime/program.ts";

export { FormatError, ImmuconfigError } from "./base/errors.ts";

const { env } = process;
const cwd = process.cwd();
const store = (): typeof import("./runtime/load.ts") => require("./runtime/load.ts");

export const config: Config = processConfig({
  native: () => {
    const program = programFolder(mainModule(), cwd);
    return fastRead({ env, cwd, program, pin: env[PIN_VARIABLE], isOwn: true });
  },
  store: () => store().loadRecord(store().ownSurroundings()),
});
export const load = (from?: string | LoadOptions): Config => store().load(from);
export const parse = (bytes: Uint8Array): Config => store().parse(bytes);

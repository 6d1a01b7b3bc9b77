/** The package under Bun: as src/index.ts, but the store and the codec wait until they are needed. */

import { requireBun } from "./base/bun_version.ts";
import { PIN_VARIABLE } from "./runtime/children.ts";
import { type Config, processConfig } from "./runtime/config.ts";
import { fastRead } from "./runtime/fast_read.ts";
import type { LoadOptions } from "./runtime/load.ts";
import { programFolder } from "./runtime/program.ts";

export { FormatError, ImmuconfigError } from "./base/errors.ts";

requireBun();
const { env } = process;
const cwd = process.cwd();
const program = programFolder(Bun.main, cwd);
const store = (): typeof import("./runtime/load.ts") => require("./runtime/load.ts");

export const config: Config = processConfig({
  native: () => fastRead({ env, cwd, program, pin: env[PIN_VARIABLE], isOwn: true }),
  store: () => store().loadRecord({ ...store().ownSurroundings(), program }),
});
export const load = (from?: string | LoadOptions): Config => store().load(from);
export const parse = (bytes: Uint8Array): Config => store().parse(bytes);

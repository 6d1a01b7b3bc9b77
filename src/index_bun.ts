/** The package under Bun: as src/index.ts, but the store and the codec wait until they are needed. */

import { type Config, processConfig } from "./runtime/config.ts";
import { fastRead } from "./runtime/fast_read.ts";
import type { LoadOptions } from "./runtime/load.ts";

export { FormatError, ImmuconfigError } from "./base/errors.ts";

const store = (): typeof import("./runtime/load.ts") => require("./runtime/load.ts");
const { env } = process;
const { main, version } = Bun;

export const config: Config = processConfig(
  fastRead({ env, isOwn: 1, cwd: process.cwd(), main, version }),
  () => store().loadOwnRecord(),
);
export const load = (from?: string | LoadOptions): Config => store().load(from);
export const parse = (bytes: Uint8Array): Config => store().parse(bytes);

#!/usr/bin/env bun
/**
 * The entry point of the executable (scripts/pack_cli.ts): every command is inside, and nothing of the
 * folder that it runs in is loaded.
 */

import { processHost } from "./host.ts";
import { main } from "./main.ts";

process.exitCode = await main(process.argv.slice(2), {
  ...processHost,
  development: async (take) => take(await import("./development_commands.ts")),
});

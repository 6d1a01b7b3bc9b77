#!/usr/bin/env bun
/**
 * The entry point of the executable (scripts/pack_cli.ts): every command is inside, and nothing of the
 * folder that it runs in is loaded.
 */

import type { CompanionName, Companions } from "./companions.ts";
import { processHost } from "./host.ts";
import { main } from "./main.ts";

const inside: { readonly [Name in CompanionName]: () => Promise<Companions[Name]> } = {
  build: () => import("./build_commands.ts"),
  server: () => import("./server_commands.ts"),
};

process.exitCode = await main(process.argv.slice(2), {
  ...processHost,
  companion: async (name, take) => take(await inside[name]()),
});

#!/usr/bin/env bun
/** The entry point of the command line. */

import { fastGet } from "./commands/record/fast_get.ts";

const words = process.argv.slice(2);
const value = fastGet(words);
if (value === undefined) void startCommand();
else console.log(value);

async function startCommand(): Promise<void> {
  const { start } = await import("./start.ts");
  await start(words);
}

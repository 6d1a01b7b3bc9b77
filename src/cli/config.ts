#!/usr/bin/env bun
/**
 * The entry point of `bun-config`. The commands that programs and scripts call often are part of
 * this file; it loads the others, and what they need, when they are used.
 */

import type { CommandLoaders } from "./main.ts";
import { main } from "./main.ts";
import { getCommand } from "./commands/get.ts";
import { setCommand } from "./commands/set.ts";
import { verifyCommand } from "./commands/verify.ts";

const FREQUENT: CommandLoaders = {
  get: () => Promise.resolve(getCommand),
  set: () => Promise.resolve(setCommand),
  verify: () => Promise.resolve(verifyCommand),
};

const words = process.argv.slice(2);
process.exitCode = await run(words[0] ?? "");

async function run(name: string): Promise<number> {
  if (!words.includes("--help") && !words.includes("-h")) {
    if (Object.hasOwn(FREQUENT, name)) return main(words, FREQUENT);
    if (name === "build") return (await import("./build/quick_build.ts")).quickBuild(words);
  }
  return (await import("./all_commands.ts")).runAnyCommand(words);
}

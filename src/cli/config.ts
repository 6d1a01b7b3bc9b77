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
const name = words[0] ?? "";
process.exitCode =
  Object.hasOwn(FREQUENT, name) && !words.includes("--help") && !words.includes("-h")
    ? await main(words, FREQUENT)
    : await (await import("./all_commands.ts")).runAnyCommand(words);

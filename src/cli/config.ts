#!/usr/bin/env bun
/** The entry point of `bun-config`. */

import { quickGet } from "./quick_get.ts";

const text = quickGet(process.argv);
// No await stands here: it would slow down every start, also one that is answered already.
if (text === undefined) void runCommand();
else console.log(text);

async function runCommand(): Promise<void> {
  const words = process.argv.slice(2);
  if (words[0] === "build") {
    // Nothing else is loaded as fast as CommonJS with bytecode is by `require`.
    const { quickBuild } =
      require("./build/quick_build.ts") as typeof import("./build/quick_build.ts");
    process.exitCode = await quickBuild(words, `${import.meta.dir}/../../lib`);
    return;
  }
  const { runFrequentCommand } = await import("./frequent_commands.ts");
  process.exitCode = await runFrequentCommand(words);
}

#!/usr/bin/env bun
/**
 * The entry point of `bun-config`. No await and no async function stand here: they would slow down
 * every start, also that of a line which is answered already.
 */

import { packageRoot } from "../base/package_root.ts";
import { quickGet } from "./quick_get.ts";

const text = quickGet(process.argv);
if (text !== undefined) {
  console.log(text);
} else if (process.argv[2] === "build") {
  // Nothing is loaded as fast as CommonJS with bytecode is by `require`.
  const { quickBuild } =
    require("./commands/build/quick_build.ts") as typeof import("./commands/build/quick_build.ts");
  void quickBuild(process.argv.slice(2), packageRoot());
} else {
  void import("./frequent_commands.ts").then(({ runCommand }) => runCommand(process.argv.slice(2)));
}

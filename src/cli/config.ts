#!/usr/bin/env bun
/** The entry point of `bun-config`. */

import { packageRoot } from "../base/package_root.ts";
import { processHost } from "./host.ts";
import { main } from "./main.ts";

const words = process.argv.slice(2);
if (words[0] === "build") {
  // Nothing is loaded as fast as CommonJS with bytecode is by `require`.
  const { quickBuild } =
    require("./commands/build/quick_build.ts") as typeof import("./commands/build/quick_build.ts");
  void quickBuild(words, packageRoot());
} else {
  const exitCode = main(words, processHost);
  if (typeof exitCode === "number") process.exitCode = exitCode;
  else void exitCode.then((code) => (process.exitCode = code));
}
